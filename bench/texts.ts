/** Texts as people write them, as far as a search index can tell: few words most of the time, many words seldom, in six languages. */

/** A number in [0, 1), the same sequence for the same seed (mulberry32). */
export type Chance = () => number;

export function chance(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Language = 'en' | 'de' | 'es' | 'ru' | 'zh' | 'ja';

/** Share of the rooms that speak it. */
const SHARES: readonly (readonly [Language, number])[] = [
  ['en', 0.5],
  ['de', 0.15],
  ['es', 0.1],
  ['ru', 0.1],
  ['zh', 0.1],
  ['ja', 0.05],
];

/** The most frequent words; the others are made of syllables. */
const FREQUENT: Record<Language, string> = {
  en: 'the to and a of in is it you that for I on this be have with not are but we so if what can just do at will no as they there or all was me like',
  de: 'die der und ich das ist nicht in es zu du den wir auch auf mit ein für so wie noch dass man aber hat habe sich nur mal schon wenn da was kann über',
  es: 'de que la el en y a los no se un por una me con es lo para las está pero más como yo ya todo esto muy si sí qué bien cuando hay mañana',
  ru: 'и в не на я что это с как а то у все мы по так но он да за там ты ещё уже если для бы вот есть нет только надо можно будет',
  zh: '的 是 我 不 了 在 你 有 这 个 们 就 人 都 说 也 要 会 可以 什么 没有 现在 我们 知道 一下 时候 问题',
  ja: 'は の が を に で と も です ます した から ない これ それ この ある いる する なる けど ので って 今日 時間 問題',
};
const SYLLABLES: Record<Language, string> = {
  en: 'ba con der fin gra hol in jo ker lan men nor op per qui ros ster ter un ver win yal ing ed tion ment er ly ous able',
  de: 'be ge ver ent stand haus ung lich keit schaft bahn wort zeit tag über für gründ läuf eit an aus auf ein rech nung mög',
  es: 'ca de es fa ga la mi no pa que ra sa ta ción dad mente ero ista ía ño re con tra per des',
  ru: 'во го да же за ка ли мо на об по ра ста то ход ние ство тель ный щик ская ло бе при пере',
  zh: '天 地 人 大 小 上 下 中 国 学 生 工 作 电 话 网 络 软 件 开 发 测 试 数 据 消 息 房 间 服 务 器 安 全 更 新 版 本 文 档 明 白 晚 早 饭 茶 山 水 路 车',
  ja: '日 本 語 人 会 社 電 話 部 屋 新 聞 学 生 食 べ 飲 み 見 る 行 く 来 る カ ー ド メ ッ セ ジ サ バ 安 全 更 新 開 発 試 験 友 達 朝 夜 山 川 道 車',
};
/** Different words of a language. */
const WORDS = 40_000;

const UNSPACED: ReadonlySet<Language> = new Set(['zh', 'ja']);

/** What one room says. */
export class Texts {
  private readonly frequent: readonly string[];
  private readonly syllables: readonly string[];

  constructor(readonly language: Language) {
    this.frequent = FREQUENT[language].split(' ');
    this.syllables = SYLLABLES[language].split(' ');
  }

  static languageFor(share: number): Language {
    let left = share;
    for (const [language, part] of SHARES) if ((left -= part) < 0) return language;
    return 'en';
  }

  /** One message: a sentence of 1 to 30 words, mostly short. */
  sentence(next: Chance): string {
    const length = 1 + Math.floor(30 * next() ** 2);
    const words = Array.from({ length }, () => this.word(next));
    if (UNSPACED.has(this.language)) return `${words.join('')}${this.language === 'zh' ? '。' : ''}`;
    return `${words.join(' ')}${next() < 0.2 ? '?' : next() < 0.5 ? '.' : ''}`;
  }

  /** By Zipf's law: the word of rank r comes 1/r as often as the first. */
  private word(next: Chance): string {
    const rank = Math.floor(WORDS ** next()) - 1;
    const frequent = this.frequent[rank];
    if (frequent !== undefined) return frequent;
    // The number written in syllables, so that every rank has its own word.
    let word = '';
    for (let rest = rank; rest > 0; rest = Math.floor(rest / this.syllables.length))
      word += this.syllables[rest % this.syllables.length] as string;
    return word;
  }
}
