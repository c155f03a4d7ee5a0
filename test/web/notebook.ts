/** A notebook in JupyterLab, as somebody at a browser makes and runs one. */
import type { Page } from "playwright-core";
import type { Window } from "./browser.ts";

/** Log in by Jupyter's own form, behind the web front's password. */
export async function enterJupyter({ page, visit }: Window, password: string): Promise<void> {
  await visit("/jupyter/");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.locator(".jp-Launcher").waitFor();
}

/** A new notebook from the launcher; `kernel` as it is written there. There when the kernel is idle. */
export async function openNotebook(page: Page, kernel: string): Promise<void> {
  await page.locator(`.jp-LauncherCard[data-category="Notebook"][title="${kernel}"]`).click();
  await page.locator(".jp-NotebookPanel .jp-Cell").first().waitFor();
  // What is run before there is a kernel, JupyterLab forgets.
  await page.getByText(`${kernel} | Idle`).waitFor();
}

/** Writes a cell, the notebook's last, and runs it to its end; the text of its result. `timeoutMs` as for a job. */
export async function runCell(page: Page, lines: readonly string[], timeoutMs: number): Promise<string> {
  const cell = page.locator(".jp-NotebookPanel .jp-CodeCell").last();
  await cell.locator(".cm-content").click();
  // As typed, but for what an editor adds to it by itself.
  await page.keyboard.insertText(lines.join("\n"));
  await page.keyboard.press("Shift+Enter");
  const done = page.locator(".jp-NotebookPanel .jp-CodeCell").nth(-2);
  await done.locator(".jp-InputPrompt", { hasText: /^\[\d+\]:$/ }).waitFor({ timeout: timeoutMs });
  return (await done.locator(".jp-OutputArea-executeResult .jp-OutputArea-output").allInnerTexts()).join("\n").trim();
}

/** By the menu, as somebody who is done with the notebook that is open. */
export async function endKernel(page: Page, kernel: string): Promise<void> {
  // A page that was just opened has none yet, and would end none.
  await page.getByText(`${kernel} | Idle`).waitFor();
  await page.getByRole("menuitem", { name: "Kernel", exact: true }).click();
  await page.getByRole("menuitem", { name: "Shut Down Kernel", exact: true }).click();
  await page.getByText("No Kernel").first().waitFor();
}
