export * from "../../client/session.ts";
