package dev.docs.application;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.Page;
import dev.docs.domain.Position;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/** Everything that a filter finds, for what is done to many documents at once. */
record Matches(DocumentRepository repository, DocumentQuery filter) {
    private static final int PAGE = 200;

    /**
     * Page by page, each document once: one that is changed between two pages may be in both.
     *
     * @throws DocumentValidationException as soon as there are more than {@code most}
     */
    void forEach(int most, Consumer<DocumentData> action) {
        Set<UUID> seen = new HashSet<>();
        Position after = null;
        do {
            Page<DocumentData> page = repository.list(filter, after, PAGE);
            page.items().stream().filter(document -> seen.add(document.id())).forEach(action);
            after = page.next();
            if (seen.size() > most) {
                throw new DocumentValidationException(
                        "filter", "finds more than " + most + " documents; narrow it, for example by time", (long)
                                most);
            }
        } while (after != null);
    }
}
