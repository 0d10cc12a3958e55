/** Where somebody makes their account by an invitation. */
export function invitationLink(origin: string, token: string): string {
  return `${origin}/login?invitation=${encodeURIComponent(token)}`;
}

/** How long something is good, from seconds: whole days, hours below two days. */
export function goodFor(seconds: number): string {
  const hours = Math.round(seconds / 3600);
  if (hours >= 48) return `${Math.round(hours / 24)} days`;
  return hours <= 1 ? "an hour" : `${hours} hours`;
}
