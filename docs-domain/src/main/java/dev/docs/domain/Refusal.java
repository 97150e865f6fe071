package dev.docs.domain;

import java.util.List;

/**
 * Why one of several things was not done, where the failure of one must not be the failure of all.
 *
 * @param detail may be shown to the caller, like the message of a {@link DocumentException}
 * @param problems of values that break a rule; empty unless the kind is {@code INVALID}
 */
public record Refusal(DocumentException.Kind kind, String detail, List<DocumentValidationException.Problem> problems) {
    public Refusal {
        problems = List.copyOf(problems);
    }

    public static Refusal of(DocumentException e) {
        String detail = e.getMessage() == null ? e.kind().name() : e.getMessage();
        return new Refusal(
                e.kind(), detail, e instanceof DocumentValidationException invalid ? invalid.problems() : List.of());
    }
}
