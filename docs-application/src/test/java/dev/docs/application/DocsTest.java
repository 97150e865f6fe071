package dev.docs.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.docs.conformance.ForwardingStorage;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Instant;

/** Putting repository and stores together. */
final class DocsTest {
    private final InMemoryDocumentRepository rows = new InMemoryDocumentRepository();
    private final InMemoryStorage first = new InMemoryStorage();
    private final InMemoryStorage second = new InMemoryStorage();

    @Test
    void needsARepositoryAndAStore() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Docs.builder().repository(rows).build())
                .withMessageContaining("store");
        assertThatIllegalStateException()
                .isThrownBy(() -> Docs.builder().store("main", first).build())
                .withMessageContaining("repository");
    }

    @Test
    void worksWithNothingElse() {
        Docs docs = Docs.builder().repository(rows).store("main", first).build();
        Instant before = Instant.now().minusMillis(1);

        DocumentData created = docs.documents().create(House.ANN, NewDocument.named("a"), TestContent.unknown(100_000));

        assertThat(created.createdAt()).isAfter(before).isBeforeOrEqualTo(Instant.now());
        assertThat(House.contentOf(created).url().store()).isEqualTo("main");
        assertThat(docs.housekeeping().sweep()).isEqualTo(new Housekeeping.Swept(0, 0, 0));
    }

    @Test
    void putsNewContentIntoTheFirstStoreAndReadsFromAll() {
        DocumentData old = Docs.builder()
                .repository(rows)
                .store("old", first)
                .build()
                .documents()
                .create(House.ANN, NewDocument.named("a"), TestContent.known(50_000));

        DocumentService documents = Docs.builder()
                .repository(rows)
                .store("new", second)
                .store("old", first)
                .build()
                .documents();
        DocumentData added = documents.create(House.ANN, NewDocument.named("b"), TestContent.known(60_000));

        assertThat(House.contentOf(added).url().store()).isEqualTo("new");
        assertThat(second.list(null, 9)).hasSize(1);
        assertThat(TestContent.read(documents.content(House.ANN, old.id()))).hasSize(50_000);
        assertThat(TestContent.read(documents.content(House.ANN, added.id()))).hasSize(60_000);
    }

    @Test
    void refusesByNameAStoreThatRowsReferToAndNobodyAdded() {
        DocumentService documents = Docs.builder()
                .repository(rows)
                .store("archive-2025", first)
                .build()
                .documents();
        documents.create(House.ANN, NewDocument.named("small"), TestContent.known(5));
        Docs.builder().repository(rows).store("main", second).build();

        documents.create(House.ANN, NewDocument.named("large"), TestContent.known(50_000));

        assertThatIllegalStateException()
                .isThrownBy(() ->
                        Docs.builder().repository(rows).store("main", second).build())
                .withMessage("documents are kept in the store 'archive-2025', which is not configured;"
                        + " configured are [inline, main]");
    }

    @Test
    void refusesAnotherStoreInThePlaceOfAKnownOne() {
        Docs.builder().repository(rows).store("main", first).build();

        assertThatIllegalStateException()
                .isThrownBy(() ->
                        Docs.builder().repository(rows).store("main", second).build())
                .withMessageContaining("'main'")
                .withMessageContaining(first.id())
                .withMessageContaining("mounted");
        Docs.builder()
                .repository(rows)
                .store("main", first)
                .store("more", second)
                .build();
    }

    @Test
    void storesHaveTheirNamesForThemselves() {
        Docs.Builder builder = Docs.builder().store("main", first);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.store("main", second))
                .withMessageContaining("main");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.store("inline", second))
                .withMessageContaining("inline");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Main", "1st", "a b", "a/b", "ä", "-a"})
    void refusesAtOnceANameThatNoUrlCanHave(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> Docs.builder().store(name, first));
    }

    @Test
    void checksEveryStore() {
        DocumentService documents = Docs.builder()
                .repository(rows)
                .store("main", first)
                .store("other", new ForwardingStorage(second) {
                    @Override
                    public void check() {
                        throw DocumentStorageException.unavailable("the other store is away", null);
                    }
                })
                .build()
                .documents();

        DocumentException failure = House.failure(documents::check);

        assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure).hasMessage("storage 'other': the other store is away");
    }
}
