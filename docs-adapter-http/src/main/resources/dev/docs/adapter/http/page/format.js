/** Sizes, times and types as people read them. */
import {currentLanguage, has, t} from './text.js';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/** Three digits and a unit of 1000, as disks are sold and quotas set. */
export function bytes(count) {
  if (count === null || count === undefined) {
    return '–';
  }
  let unit = 0;
  let value = count;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return new Intl.NumberFormat(currentLanguage(), {
    style: 'unit',
    unit: UNITS[unit],
    unitDisplay: unit === 0 ? 'long' : 'short',
    ...(unit === 0 ? {maximumFractionDigits: 0} : {maximumSignificantDigits: 3}),
  }).format(value);
}

export function speed(bytesPerSecond) {
  return t('unit.speed', {size: bytes(Math.round(bytesPerSecond))});
}

export function number(value) {
  return value.toLocaleString(currentLanguage());
}

/** The time of today, the day of this year, or the date. */
export function briefly(time, now = new Date()) {
  const date = new Date(time);
  const language = currentLanguage();
  if (date.toDateString() === now.toDateString()) {
    return date.toLocaleTimeString(language, {hour: '2-digit', minute: '2-digit'});
  }
  if (date.getFullYear() === now.getFullYear()) {
    return date.toLocaleDateString(language, {day: 'numeric', month: 'short'});
  }
  return date.toLocaleDateString(language, {year: 'numeric', month: 'short', day: 'numeric'});
}

export function exactly(time) {
  return new Date(time).toLocaleString(currentLanguage(), {dateStyle: 'medium', timeStyle: 'medium'});
}

/** Seconds as the largest unit that is not zero, rounded up. */
export function duration(seconds) {
  const [value, unit] = seconds < 60
    ? [seconds, 'second']
    : seconds < 3600 ? [seconds / 60, 'minute'] : [seconds / 3600, 'hour'];
  return new Intl.NumberFormat(currentLanguage(), {style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0})
    .format(Math.max(1, Math.ceil(value)));
}

const KINDS = [
  [/^image\//, 'image'],
  [/^audio\//, 'audio'],
  [/^video\//, 'video'],
  [/^application\/pdf$/, 'pdf'],
  [/spreadsheet|excel|csv/, 'sheet'],
  [/presentation|powerpoint/, 'slides'],
  [/wordprocessing|msword|opendocument\.text|rtf/, 'word'],
  [/zip|tar|gzip|x-7z|rar|bzip|x-xz|zstd/, 'archive'],
  [/json|xml|javascript|x-sh|x-java|x-python|html|css$/, 'code'],
  [/^text\//, 'text'],
];

/** What sort of thing a media type is, by the name of its icon. */
export function kind(mimeType) {
  return KINDS.find(([pattern]) => pattern.test(mimeType ?? ''))?.[1] ?? 'file';
}

/** A problem in words of ours if we have some for its type, and else in the server's. */
export function problemText(problem) {
  const key = `problem.${problem.type}`;
  const said = problem.errors?.map(each => each.detail).join('; ');
  return has(key)
    ? t(key, {detail: problem.detail ?? '', limit: bytes(problem.errors?.[0]?.limit)})
    : problem.detail ?? said ?? problem.title ?? t('problem.unknown');
}
