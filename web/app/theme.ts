/** Light, dark, or as the system has it. Kept in this browser alone. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'deadair theme';

export function themeOf(): Theme {
  const kept = window.localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') window.localStorage.removeItem(KEY);
  else window.localStorage.setItem(KEY, theme);
  applyTheme();
}

export function applyTheme(): void {
  const theme = themeOf();
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
