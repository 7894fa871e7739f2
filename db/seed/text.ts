import { base, en, Faker, generateMersenne53Randomizer } from "@faker-js/faker";

/** A number in [0, 1), the next of a fixed series. */
export type Chance = () => number;

/** Texts to draw from: made one by one, those of a million comments would take minutes. */
export interface TextPools {
  names: string[];
  sentences: string[];
  paragraphs: string[];
  tagNames: string[];
}

const NAMES = 1_000;
const SENTENCES = 400;
const PARAGRAPHS = 300;
const TAGS = 60;
const PARAGRAPHS_AT_LEAST = 3;
const PARAGRAPHS_MORE = 6;

/** @param seed any integer; the same gives the same texts */
export function createPools(seed: number): TextPools {
  const faker = new Faker({ locale: [en, base], randomizer: generateMersenne53Randomizer(seed) });
  const many = (count: number, make: () => string) => Array.from({ length: count }, make);
  return {
    names: many(NAMES, () => faker.person.fullName()),
    sentences: many(SENTENCES, () => faker.hacker.phrase()),
    paragraphs: many(PARAGRAPHS, () => faker.lorem.paragraph({ min: 3, max: 7 })),
    tagNames: faker.helpers.uniqueArray(() => faker.word.noun().toLowerCase(), TAGS),
  };
}

/** @param seed any integer; the same gives the same series */
export function createChance(seed: number): Chance {
  const randomizer = generateMersenne53Randomizer(seed);
  return () => randomizer.next();
}

/** One of the texts. */
export function draw(pool: readonly string[], chance: Chance): string {
  return pool[Math.floor(chance() * pool.length)] ?? "";
}

/** Three to eight paragraphs. */
export function drawArticle({ paragraphs }: TextPools, chance: Chance): string {
  const length = PARAGRAPHS_AT_LEAST + Math.floor(chance() * PARAGRAPHS_MORE);
  return Array.from({ length }, () => draw(paragraphs, chance)).join("\n\n");
}
