/** The page's words. Each language is a file of its own, text-LANGUAGE.js, with the same keys as text-en.js. */
export const LANGUAGES = {en: 'English', de: 'Deutsch'};

const KEPT = 'docs.language';

/** Tells 'changed' when the language does. */
export const texts = new EventTarget();

let language = 'en';
let words = {};
let plural = new Intl.PluralRules('en');

/** The one chosen before, or the first of the browser's that there is. */
function preferred() {
  const chosen = localStorage.getItem(KEPT);
  const wanted = [chosen, ...navigator.languages.map(each => each.split('-')[0])];
  return wanted.find(each => each in LANGUAGES) ?? 'en';
}

export function currentLanguage() {
  return language;
}

export async function loadTexts(chosen) {
  language = chosen ?? preferred();
  if (chosen) {
    localStorage.setItem(KEPT, chosen);
  }
  words = (await import(`./text-${language}.js`)).default;
  plural = new Intl.PluralRules(language);
  document.documentElement.lang = language;
  texts.dispatchEvent(new Event('changed'));
}

/**
 * The words for a key. {name} in them is replaced by the value of that name; where a text has several forms, the value
 * `count` chooses among them.
 */
export function t(key, values = {}) {
  const entry = words[key];
  const text = typeof entry === 'object' ? entry[plural.select(values.count)] ?? entry.other : entry ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return typeof value === 'number' ? value.toLocaleString(language) : value ?? whole;
  });
}

/** Whether there are words for a key. */
export function has(key) {
  return key in words;
}
