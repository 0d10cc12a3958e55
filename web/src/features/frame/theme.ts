import { useEffect, useState } from "react";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "sideline.theme";

function kept(): Theme {
  const theme = localStorage.getItem(KEY);
  return THEMES.find((known) => known === theme) ?? "system";
}

function show(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

// Before anything is drawn.
show(kept());

/** Light, dark or as the system has it; kept in this browser. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, set] = useState(kept);
  useEffect(() => {
    show(theme);
    localStorage.setItem(KEY, theme);
  }, [theme]);
  return [theme, set];
}
