// Files that the program writes, saved by the browser.

import { ApiError, type Schemas } from "./client";
import { accessToken } from "./session";

/** Saves what an address below `/api/v1` answers, as a file of this name. A link would carry no token. */
export async function download({ of, as }: { of: string; as: string }): Promise<void> {
  const token = await accessToken();
  const response = await fetch(`/api/v1/${of}`, {
    headers: token ? { authorization: `Bearer ${token}` } : {},
  });
  if (!response.ok) throw new ApiError((await response.json()) as Schemas["Problem"]);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = as;
  link.click();
  URL.revokeObjectURL(url);
}
