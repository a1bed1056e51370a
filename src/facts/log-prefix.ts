/** What stands before a message in a line of text, and whose it says that the message is: journalctl's short forms, syslog, containers. */

export interface Said {
  /** Whose it is; null where the text does not say. */
  unit: "flintlockd" | "containerd" | "other" | null;
  message: string;
}

export function unitOf(name: string): "flintlockd" | "containerd" | "other" {
  if (/^flintlockd(?:\.service)?$/.test(name)) return "flintlockd";
  return /^containerd(?:-dev)?(?:\.service)?$/.test(name) ? "containerd" : "other";
}

const month = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const clock = "\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?";
const zone = "(?:Z|[+-]\\d\\d:?\\d\\d)";
/** short, short-precise, also with a year; short-iso(-precise); short-full; short-monotonic, short-delta; short-unix. syslog's priority may come first. */
const stamp = new RegExp(
  `^(?:<\\d{1,3}>)?(?:${month} [ \\d]\\d (?:\\d{4} )?${clock}|\\d{4}-\\d\\d-\\d\\d[T ]${clock}${zone}?|\\w{3} \\d{4}-\\d\\d-\\d\\d ${clock} [\\w+-]{1,6}|\\[[ \\d]{0,12}\\d\\.\\d{1,9}(?: [<>+ \\d.]{1,24})?\\]|\\d{9,11}\\.\\d{1,9}) `,
);
/** HOST IDENTIFIER[PID]: message; without a host where --no-hostname was given. */
const sender = /^(?:[^\s:[\]]{1,255} )?([^\s:[\]]{1,255})(?:\[\d{1,10}\])?: /;
/** RFC 5424: <PRI>1 TIME HOST APP PROCID MSGID, and no structured data. */
const syslog = /^<\d{1,3}>1 \S{1,40} \S{1,255} (\S{1,48}) \S{1,128} \S{1,32} - (?:\uFEFF)?/;
/** The log of a container as the kubelet keeps it (CRI), and as Docker Compose shows it. */
const container = new RegExp(`^(?:\\d{4}-\\d\\d-\\d\\dT${clock}${zone} std(?:out|err) [FP] |[\\w.-]{1,64} {1,64}\\| )`);

/** The whole text, of nobody, where there is nothing before it. */
export function withoutPrefix(text: string): Said {
  const from5424 = text.startsWith("<") ? syslog.exec(text.slice(0, 600)) : null;
  if (from5424?.[1] !== undefined) return { unit: unitOf(from5424[1]), message: text.slice(from5424[0].length) };
  const contained = container.exec(text.slice(0, 200));
  if (contained) return { unit: null, message: text.slice(contained[0].length) };
  const time = stamp.exec(text);
  const rest = time ? text.slice(time[0].length) : "";
  const from = sender.exec(rest.slice(0, 600));
  return from?.[1] === undefined ? { unit: null, message: text } : { unit: unitOf(from[1]), message: rest.slice(from[0].length) };
}
