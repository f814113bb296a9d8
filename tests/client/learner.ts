// A learner's way through the school, from the outside: the API's types are those that openapi-typescript makes of
// infra/openapi.json, and nothing else of this repository is used. Ends with a sentence and exit code 1 where an answer
// is not what the reference promises. `./scripts/client http://localhost:3000` checks and runs it.

import createClient from "openapi-fetch";
import type { components, paths } from "../../target/node/api.ts";

type Problem = components["schemas"]["Problem"];
type Course = components["schemas"]["CourseDetail"];
type Certificate = components["schemas"]["MyCertificate"];
interface Mail {
  to: string[];
  text: string;
}

const PATIENCE_MS = 60_000;
const home = process.argv[2];
const api = createClient<paths>({ baseUrl: home ?? "" });

/** What a call answered, if it did as it should. */
function answered<T>(what: string, { data, error, response }: Answer<T>): T {
  expect(response.ok, `${what} answers ${response.status}: ${error?.code}, ${error?.detail}`);
  return data as T;
}

interface Answer<T> {
  data?: T;
  error?: Problem;
  response: Response;
}

function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

/** The first that `look` finds; what comes of events comes a moment later. */
async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const begun = Date.now(); Date.now() - begun < PATIENCE_MS; ) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${what} is not there after ${PATIENCE_MS / 1000} seconds`);
}

async function register(email: string): Promise<void> {
  const body = { email, password: `${crypto.randomUUID()} Aa1`, first_name: "Tessa", last_name: "Typed" };
  const tokens = answered("registering", await api.POST("/v1/auth/register", { body }));
  expect(tokens.user.email === email, `the account has the address ${tokens.user.email}`);
  api.use({
    onRequest: ({ request }) => request.headers.set("authorization", `Bearer ${tokens.access_token}`),
  });
}

/** With what the local cloud's mailbox has, since its mails go nowhere else. */
async function confirm(email: string): Promise<void> {
  const token = await eventually("the mail that confirms the address", async () => {
    const mails = (await (await fetch(`${home}/mailbox.json`)).json()) as Mail[];
    const own = mails.find((mail) => mail.to.includes(email));
    return own?.text.match(/lot_\w+/)?.[0];
  });
  answered("confirming the address", await api.POST("/v1/auth/email/verify", { body: { token } }));
}

async function findCourse(): Promise<Course> {
  const query = { price: "free", sort: "popularity", limit: 5 } as const;
  const list = answered("listing courses", await api.GET("/v1/courses", { params: { query } }));
  const [card] = list.items;
  expect(card !== undefined && card.price.amount === 0, "there is no free course, or not only free ones");
  // By its slug, as a page's address has it.
  const path = { course_id: card.slug };
  const course = answered("opening a course", await api.GET("/v1/courses/{course_id}", { params: { path } }));
  expect(course.id === card.id && course.enrollment === null, `${card.slug} opens another course, or a taken one`);
  return course;
}

async function enroll(course: Course): Promise<void> {
  const params = { path: { course_id: course.id } };
  const enrollment = answered("enrolling", await api.POST("/v1/courses/{course_id}/enroll", { params }));
  expect(enrollment.status === "active", `the new enrolment is ${enrollment.status}`);
  const { error } = await api.POST("/v1/courses/{course_id}/enroll", { params });
  // Each status has its own codes: the compiler refuses one that this call never answers.
  const isTaken = error?.status === 409 && error.code === "already_enrolled";
  expect(isTaken, `enrolling twice answers ${error?.code} instead of already_enrolled`);
}

async function learn(course: Course): Promise<void> {
  const lessons = course.modules.flatMap((module) => module.lessons);
  expect(lessons.length > 0, "the course has no lessons");
  for (const { id, title } of lessons) {
    const params = { path: { lesson_id: id } };
    const lesson = answered("opening a lesson", await api.GET("/v1/lessons/{lesson_id}", { params }));
    expect(lesson.title === title && lesson.content.length > 0, `the lesson ${title} has another title or no content`);
    const body = { percent: 50 };
    answered("saving progress", await api.PUT("/v1/lessons/{lesson_id}/progress", { params, body }));
    const done = answered("completing a lesson", await api.POST("/v1/lessons/{lesson_id}/complete", { params }));
    expect(done.status === "completed", `the lesson ${title} is ${done.status} after it was completed`);
  }
  const params = { path: { course_id: course.id } };
  const progress = answered("reading the progress", await api.GET("/v1/courses/{course_id}/progress", { params }));
  const percent = progress.summary.completion_percent;
  expect(percent === 100, `the course is done to ${percent} % after all of its lessons`);
}

async function findCertificate(course: Course): Promise<Certificate & { pdf_url: string }> {
  return eventually("the certificate's PDF", async () => {
    const list = answered("listing certificates", await api.GET("/v1/me/certificates", {}));
    const own = list.items.find((certificate) => certificate.course_id === course.id);
    return own?.pdf_url ? { ...own, pdf_url: own.pdf_url } : undefined;
  });
}

async function verify({ id, certificate_no, pdf_url }: Certificate & { pdf_url: string }): Promise<void> {
  const pdf = await (await fetch(pdf_url)).text();
  expect(pdf.startsWith("%PDF-"), "what the certificate's link leads to is no PDF");
  const its = { path: { certificate_id: id } };
  const own = answered("reading it", await api.GET("/v1/certificates/{certificate_id}", { params: its }));
  const code = new URL(own.verify_url).searchParams.get("code");
  expect(code !== null, "the address that verifies the certificate has no code");
  const params = { path: { certificate_no }, query: { code } };
  const headers = { accept: "application/json" };
  const found = answered("verifying", await api.GET("/v1/verify/{certificate_no}", { params, headers }));
  expect(typeof found !== "string", "verifying answers a page to who asked for JSON");
  expect(found.status === "valid" && found.code_fits === true, `the certificate is ${found.status}`);
  expect(found.learner_name === "Tessa Typed", `the certificate is made out to ${found.learner_name}`);
}

async function main(): Promise<void> {
  expect(home !== undefined, "say where the local cloud is: ./scripts/client http://localhost:3000");
  const email = `tessa-${crypto.randomUUID()}@example.org`;
  await register(email);
  await confirm(email);
  const course = await findCourse();
  await enroll(course);
  await learn(course);
  const certificate = await findCertificate(course);
  await verify(certificate);
  console.log(`${certificate.certificate_no}: ${course.title}, verified`);
}

try {
  await main();
} catch (failure) {
  const { message, cause } = failure instanceof Error ? failure : new Error(String(failure));
  // What fetch says alone is that it failed.
  console.error(`client: ${message}${cause instanceof Error ? `: ${cause.message}` : ""}`);
  process.exitCode = 1;
}
