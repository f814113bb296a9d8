export * from "../../client/lectern.ts";
