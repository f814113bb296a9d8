// Small pictures of a video, by time: a WebVTT file whose cues name one each.

/** @typedef {{ from: number, to: number, url: string }} Thumbnail */

/** @param {string} url @returns {Promise<Thumbnail[]>} */
export async function thumbnails(url) {
  const response = await fetch(url);
  if (!response.ok) return [];
  const cues = (await response.text()).matchAll(/^([\d:.]+)[ \t]+-->[ \t]+([\d:.]+).*\r?\n(\S+)/gm);
  return [...cues].map(([, from = "", to = "", name = ""]) => ({
    from: seconds(from),
    to: seconds(to),
    url: new URL(name, new URL(url, location.href)).href,
  }));
}

/** Of `1:02:03.5`. @param {string} time */
function seconds(time) {
  return time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}
