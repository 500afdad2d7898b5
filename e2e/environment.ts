/** Where the app under test is. */

function address(name: string): string {
  const value = process.env[name];
  if (!value || !URL.canParse(value)) {
    throw new Error(
      `${name} does not say where the app is. ` +
        "`cargo xtask test e2e` starts one and runs these tests.",
    );
  }
  return new URL(value).origin;
}

export const webOrigin = address("E2E_WEB_URL");
export const apiOrigin = address("E2E_API_URL");

/** The file with the gateway's requests and responses of a local run; a deployed app has none. */
export const recordFile = process.env.E2E_RECORD;

/** On AWS a list may lag what was just written by moments; here it does not. */
export const listsLag = recordFile === undefined;

/** Why a test is skipped that reads the record. */
export const noRecord = "reads the record of a local run, and E2E_RECORD does not name one";

const { E2E_RUNNER: runner, E2E_LAMBDAS: lambdas, E2E_SITE: site } = process.env;

/** The runner and its inputs, for tests that start local runs; not needed for a deployed app. */
export const localBuild = runner && lambdas && site ? { runner, lambdas, site } : undefined;

/** Why a test is skipped that needs `localBuild`. */
export const noLocalBuild =
  "starts local runs of its own, and E2E_RUNNER, E2E_LAMBDAS or E2E_SITE is not there";
