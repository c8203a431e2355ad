"""How many years of school a text asks for. Grade 6 is what our texts may ask for at most.

English: the Flesch-Kincaid grade (Kincaid et al. 1975), 0.39 words/sentence + 11.8 syllables/word - 15.59.
Spanish: the Fernández-Huerta score (1959), 206.84 - 60 syllables/word - 1.02 words/sentence, turned into a grade by the
bands published with it (80-90 fifth grade, 70-80 sixth, 60-70 seventh and eighth, 50-60 the years before university,
30-50 its first years, below it a degree). Within a band the grade is interpolated, and its harder edge counts as the
whole grade: a score of 70 is grade 6.0, one of 60 is grade 8.0.

What counts, and what does not:
- Dots, question and exclamation marks end a sentence, as do colons and semicolons (Flesch counts each "full unit of
  speech marked off by a period, colon, semicolon, question mark or exclamation point": How to Write Plain English,
  1979, chapter 2), but not within a number or a time.
- The name in front (`{clinic}:`), links and phone numbers are recognised, not read: they do not count. A link that
  stands before a capital letter ends its sentence, since no dot may touch it.
- Reply codes (a single letter or digit, such as C, R, 1) do not count; words of one letter (a, I, y, o) do.
- Other numbers count as one word of one syllable; `{day}` and the like count as the words that stand in for them.
Syllables: the larger of pyphen's hyphenation and the vowel groups. Hyphenation alone leaves out every break next to a
single letter and knows no break in "medicine" or "about"; the grade would come out too low.
"""

import re
from bisect import bisect_left
from functools import lru_cache

import pyphen

HIGHEST_GRADE = 6.0

# What stands in for a placeholder while reading: as many words as patients read.
STAND_INS = {
    "en": {"day": "Wed, Mar 14", "time": "7:30 AM", "arrival": "6:30 AM", "fast_from": "1:30 AM Wed"},
    "es": {"day": "mie 14 mar", "time": "7:30 AM", "arrival": "6:30 AM", "fast_from": "mie 1:30 AM"},
}
DICTIONARIES = {"en": "en_US", "es": "es"}
ONE_LETTER_WORDS = {"en": frozenset("ai"), "es": frozenset("aeouy")}

NAME_IN_FRONT = re.compile(r"^\s*\{clinic\}\s*:")
LINK = re.compile(r"(?:https?://\S+?|\{link\})(?=[.,;:!?)]*(?:\s|$))")
PHONE = re.compile(r"\{phone\}|(?<![\w+])\+?\(?\d[\d ().-]{5,}\d(?!\w)|(?<!\w)911(?!\w)")
PLACEHOLDER = re.compile(r"\{(\w+)\}")
SENTENCE_END = re.compile(r"[.!?]+(?=\s|$|[\"')])|[:;](?=\s|$)|\n+")
WORD = re.compile(r"[^\W_]+(?:['’:.,-][^\W_]+)*")
VOWELS = {"en": re.compile(r"[aeiouy]+"), "es": re.compile(r"[aeiouáéíóúüy]+")}
SILENT_ENDING = re.compile(r"(?:[^aeiouyl]|[aeiouy]l)e$|[^aeiouytd]ed$|[^aeiouylscxzgh]es$")

# Fernández-Huerta's bands as (score, grade) at the edges, hardest first.
BANDS = ((0.0, 20.0), (30.0, 16.0), (50.0, 12.0), (60.0, 8.0), (70.0, 6.0), (80.0, 5.0), (90.0, 4.0), (100.0, 3.0))


def grade(text: str, language: str) -> float:
    """The school grade that a text asks for, from 0, to one decimal; a text without any word asks for 0.

    `text` may hold placeholders. Raises `LookupError` for a language other than `en` and `es`.
    """
    if language not in DICTIONARIES:
        raise LookupError(f"no reading grade for {language!r}; only for {', '.join(DICTIONARIES)}")
    sentences = sentences_of(text, language)
    words = [word for sentence in sentences for word in sentence]
    if not words:
        return 0.0
    per_sentence = len(words) / len(sentences)
    per_word = sum(syllables(word, language) for word in words) / len(words)
    if language == "en":
        found = 0.39 * per_sentence + 11.8 * per_word - 15.59
    else:
        found = grade_of_score(206.84 - 60 * per_word - 1.02 * per_sentence)
    return round(max(found, 0.0), 1)


def sentences_of(text: str, language: str) -> list[list[str]]:
    """The words that count, sentence by sentence; sentences without a word are left out."""
    prose = NAME_IN_FRONT.sub(" ", text)
    prose = re.sub(rf"{LINK.pattern}(?=\s+[A-ZÁÉÍÓÚÑ¿¡])", ".", prose)
    prose = PHONE.sub(" ", LINK.sub(" ", prose))
    prose = PLACEHOLDER.sub(lambda match: STAND_INS[language].get(match[1], "name"), prose)
    found = []
    for sentence in SENTENCE_END.split(prose):
        words = [word for word in WORD.findall(sentence) if not is_reply_code(word, language)]
        if words:
            found.append(words)
    return found


def is_reply_code(word: str, language: str) -> bool:
    """Whether a word is a single letter or digit to answer with, not a word of the language."""
    return len(word) == 1 and word.lower() not in ONE_LETTER_WORDS[language]


@lru_cache(maxsize=8192)
def syllables(word: str, language: str) -> int:
    """How many syllables a word has, at least one; a number has one."""
    word = word.lower()
    if word[0].isdigit():
        return 1
    count = english_vowel_groups(word) if language == "en" else spanish_nuclei(word)
    hyphenated = len(dictionary(language).positions(word)) + 1
    return max(count, hyphenated, 1)


@lru_cache(maxsize=4)
def dictionary(language: str) -> pyphen.Pyphen:
    """The hyphenation patterns of a language; read once, they come with pyphen."""
    return pyphen.Pyphen(lang=DICTIONARIES[language])


def english_vowel_groups(word: str) -> int:
    """Vowel groups, but for the silent endings -e, -es and -ed (take, takes, asked; not table, changes, needed)."""
    return len(VOWELS["en"].findall(word)) - (1 if SILENT_ENDING.search(word) else 0)


def spanish_nuclei(word: str) -> int:
    """Vowel nuclei: qu, gue and gui have a mute u, y counts at the end only, and two strong vowels are two nuclei."""
    word = re.sub(r"qu(?=[eéií])", "q", word)
    word = re.sub(r"gu(?=[eéií])", "g", word)
    word = re.sub(r"y(?=[aeiouáéíóú])", "j", word)
    count = 0
    for group in VOWELS["es"].findall(word):
        strong = len(re.findall(r"[aeoáéóíú]", group))
        count += max(strong, 1)
    return count


def grade_of_score(score: float) -> float:
    """The school grade of a Fernández-Huerta score, interpolated between the edges of its bands."""
    scores = [edge for edge, _ in BANDS]
    place = min(max(bisect_left(scores, score), 1), len(BANDS) - 1)
    (low, harder), (high, easier) = BANDS[place - 1], BANDS[place]
    return harder + (score - low) / (high - low) * (easier - harder)
