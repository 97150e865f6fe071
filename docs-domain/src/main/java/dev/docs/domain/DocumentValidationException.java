package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;

/** One or more values break a rule: {@code INVALID}. Nothing was changed. */
public final class DocumentValidationException extends DocumentException {
    private static final long serialVersionUID = 1;

    /**
     * @param field the value's wire name, for example {@code name} or {@code metadata/tags/3}
     * @param detail what is wrong, to be read after the field's name
     * @param limit the bound that was crossed, if there is one
     */
    public record Problem(
            String field, String detail, @Nullable Long limit) implements Serializable {}

    private final Problem[] problems;

    public DocumentValidationException(List<Problem> problems) {
        super(
                Kind.INVALID,
                problems.stream().map(p -> p.field() + " " + p.detail()).collect(Collectors.joining("; ")),
                null);
        this.problems = problems.toArray(Problem[]::new);
    }

    public DocumentValidationException(String field, String detail, @Nullable Long limit) {
        this(List.of(new Problem(field, detail, limit)));
    }

    public List<Problem> problems() {
        return List.of(problems);
    }
}
