package dev.docs.domain;

/** The rules every short text obeys, so that any database and any JSON or header writer can carry it. */
final class Text {
    private Text() {}

    static void check(String field, String text, int min, int max) {
        int codePoints = text.codePointCount(0, text.length());
        if (codePoints < min) {
            throw new DocumentValidationException(field, "must not be empty", (long) min);
        }
        if (codePoints > max) {
            throw new DocumentValidationException(
                    field, "has " + codePoints + " characters, at most " + max + " are allowed", (long) max);
        }
        if (text.codePoints().anyMatch(Character::isISOControl)) {
            throw new DocumentValidationException(field, "must not contain control characters", null);
        }
        checkWellFormed(field, text);
    }

    static void checkWellFormed(String field, String text) {
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new DocumentValidationException(field, "must not contain an unpaired surrogate", null);
        }
    }

    /** A text from elsewhere made to pass {@link #check}: what is not allowed becomes a space, what is too much goes. */
    static String cleaned(String text, int max) {
        StringBuilder clean = new StringBuilder();
        text.codePoints()
                .limit(max)
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? ' ' : c)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }
}
