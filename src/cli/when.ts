/** A moment in UTC to the minute, and how far it is from the clock of whoever was asked, which is not this machine's. */
export function when(iso: unknown, now: Date | null): string {
  const at = typeof iso === 'string' ? new Date(iso) : null;
  if (at === null || Number.isNaN(at.getTime())) return '';
  const minutes = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return now === null ? minutes : `${minutes} (${distance(at.getTime() - now.getTime())})`;
}

/** Such as `in 12 min` or `3 h ago`. */
export function distance(ms: number): string {
  const words = spanWords(Math.abs(ms));
  return ms >= 0 ? `in ${words}` : `${words} ago`;
}

/** Seconds until two minutes, minutes until two hours, hours until two days. */
export function spanWords(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
