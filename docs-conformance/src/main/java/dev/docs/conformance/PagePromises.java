package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuery.MetadataCondition;
import dev.docs.domain.DocumentQuery.Sort;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Metadata;
import dev.docs.domain.Page;
import dev.docs.domain.Position;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** In which order a query finds documents, and that its pages are one list cut into pieces. */
abstract class PagePromises extends RepositoryPromises {
    private static final Set<DocumentStatus> EVERY = EnumSet.allOf(DocumentStatus.class);
    private static final List<String> NAMES =
            List.of("Zebra", "apple", "Apple", "äpfel", "a_b", "a%b", "報告", "10", "9");

    @ParameterizedTest
    @EnumSource(Sort.class)
    final void documentsWithTheSameKeyGoByTheirIdsInBothDirections(Sort sort) {
        List<DocumentData> ascending =
                documents(40).stream().sorted(ascending(sort)).toList();
        List<DocumentData> descending = new ArrayList<>(ascending);
        Collections.reverse(descending);

        assertThat(list(query(sort, false), 200)).isEqualTo(ascending);
        assertThat(list(query(sort, true), 200)).isEqualTo(descending);
    }

    @Test
    final void newestFirstUnlessAskedOtherwise() {
        List<DocumentData> documents = documents(10);
        documents.removeIf(document -> document.status() != DocumentStatus.ACTIVE);
        documents.sort(ascending(Sort.CREATED).reversed());

        assertThat(list(DocumentQuery.of(owner), 200)).isEqualTo(documents);
    }

    @ParameterizedTest
    @EnumSource(Sort.class)
    final void pagesOfAnySizeMakeUpTheWholeList(Sort sort) {
        documents(40);
        List<UnaryOperator<DocumentQuery.Builder>> conditions = List.of(
                query -> query,
                query -> query.statuses(EVERY),
                query -> query.statuses(Set.of(DocumentStatus.ACTIVE, DocumentStatus.ERROR)),
                query -> query.statuses(EVERY).namePrefix("a"),
                query -> query.statuses(EVERY).nameContains("p"),
                query -> query.statuses(EVERY).metadata(List.of(new MetadataCondition("even", "true"))),
                query -> query.statuses(EVERY)
                        .metadata(List.of(new MetadataCondition("even", "true"), new MetadataCondition("n", null))));
        for (UnaryOperator<DocumentQuery.Builder> condition : conditions) {
            for (boolean descending : new boolean[] {false, true}) {
                DocumentQuery query = condition
                        .apply(DocumentQuery.builder(owner))
                        .sort(sort, descending)
                        .build();
                List<DocumentData> whole = list(query, 200);
                assertThat(whole).hasSizeGreaterThan(7);
                for (int size : new int[] {1, 7, whole.size()}) {
                    assertThat(paged(query, size))
                            .as("%s in pages of %d", query, size)
                            .isEqualTo(whole);
                }
            }
        }
    }

    @Test
    final void thePageWithTheLastDocumentNamesNoOther() {
        List<DocumentData> documents = documents(6);
        DocumentQuery query = query(Sort.CREATED, false);

        Page<DocumentData> first = repository.list(query, null, 3);
        Page<DocumentData> second = repository.list(query, first.next(), 3);

        assertThat(first.next()).isEqualTo(new Position("", documents.get(2).id()));
        assertThat(second.items()).isEqualTo(documents.subList(3, 6));
        assertThat(second.next()).isNull();
    }

    @ParameterizedTest
    @EnumSource(Sort.class)
    final void aPageBeginsBehindAnyPositionWhetherOrNotThereIsADocument(Sort sort) {
        List<DocumentData> ascending =
                documents(20).stream().sorted(ascending(sort)).toList();
        DocumentData at = ascending.get(9);
        String key = sort.key(at);

        assertThat(repository
                        .list(query(sort, false), new Position(key, at.id()), 200)
                        .items())
                .isEqualTo(ascending.subList(10, 20));
        UUID justBefore = new UUID(at.id().getMostSignificantBits(), at.id().getLeastSignificantBits() - 1);
        assertThat(repository
                        .list(query(sort, false), new Position(key, justBefore), 200)
                        .items())
                .isEqualTo(ascending.subList(9, 20));
        assertThat(repository
                        .list(query(sort, true), new Position(key, justBefore), 200)
                        .items())
                .hasSize(9)
                .startsWith(ascending.get(8));
    }

    @ParameterizedTest
    @EnumSource(Sort.class)
    final void whatDoesNotChangeIsInExactlyOnePageWhileOthersComeAndGo(Sort sort) {
        for (boolean descending : new boolean[] {false, true}) {
            List<DocumentData> documents = documents(40);
            Set<UUID> untouched =
                    documents.stream().map(DocumentData::id).collect(Collectors.toCollection(HashSet::new));
            List<UUID> seen = new ArrayList<>();
            DocumentQuery query = query(sort, descending);
            Position position = null;
            int round = 0;
            do {
                Page<DocumentData> page = repository.list(query, position, 4);
                page.items().forEach(document -> seen.add(document.id()));
                position = page.next();
                // the one that the next page begins behind, one that may be anywhere, and new ones at both ends
                List<DocumentData> victims =
                        new ArrayList<>(List.of(page.items().get(page.items().size() - 1)));
                victims.add(documents.get((round * 11) % documents.size()));
                for (DocumentData victim : victims) {
                    if (untouched.remove(victim.id())) {
                        repository.purge(victim.id(), victim.revision());
                    }
                }
                activate(newDocument(NAMES.get(round % NAMES.size()), Metadata.EMPTY), round);
                activate(olderThanAll(round), 1000);
                round++;
            } while (position != null && round < 100);

            assertThat(position).isNull();
            assertThat(seen).doesNotHaveDuplicates();
            assertThat(seen).containsAll(untouched);
            documents.stream()
                    .filter(document -> untouched.contains(document.id()))
                    .forEach(document -> repository.purge(document.id(), document.revision()));
        }
    }

    @Test
    final void aDocumentThatMovesIsNotSeenTwiceByItsCreation() {
        List<DocumentData> documents = documents(12);
        DocumentQuery query = query(Sort.CREATED, true);
        Page<DocumentData> first = repository.list(query, null, 6);

        documents.forEach(document -> update(document.describe("aaa", document.metadata(), tick())));

        List<UUID> seen = new ArrayList<>();
        first.items().forEach(document -> seen.add(document.id()));
        repository.list(query, first.next(), 6).items().forEach(document -> seen.add(document.id()));
        assertThat(seen).doesNotHaveDuplicates().hasSize(12);
    }

    private DocumentData olderThanAll(int round) {
        Instant old = Instant.parse("2020-01-01T00:00:00Z").minusMillis(round);
        return DocumentData.pending(Ids.uuidV7(old, new Random()), owner, "old", null, Metadata.EMPTY, old);
    }

    private DocumentQuery query(Sort sort, boolean descending) {
        return DocumentQuery.builder(owner)
                .statuses(EVERY)
                .sort(sort, descending)
                .build();
    }

    /** Stored documents in every status, with many equal names, sizes and times of update, oldest first. */
    private List<DocumentData> documents(int count) {
        Instant sameTime = tick();
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    DocumentData pending = newDocument(
                            NAMES.get((i * 5) % NAMES.size()), Metadata.of(Map.of("n", i, "even", i % 2 == 0)));
                    if (i % 8 == 3) {
                        begin(pending, 1);
                        return update(pending.describe(pending.name(), pending.metadata(), sameTime));
                    }
                    DocumentData active = activate(pending, new long[] {5, 10, 9, 1L << 33}[i % 4]);
                    Instant updated = sameTime.plusMillis(i % 3);
                    return switch (i % 8) {
                        case 5 -> update(active.archive(updated));
                        case 6 -> update(active.fail("damaged", updated));
                        default -> update(active.describe(active.name(), active.metadata(), updated));
                    };
                })
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static Comparator<DocumentData> ascending(Sort sort) {
        Comparator<DocumentData> byId =
                Comparator.comparing(document -> document.id().toString());
        return switch (sort) {
            case CREATED -> byId;
            case UPDATED -> Comparator.comparing(DocumentData::updatedAt).thenComparing(byId);
            case NAME ->
                Comparator.comparing((DocumentData document) -> sort.key(document))
                        .thenComparing(byId);
            case SIZE -> Comparator.comparing(DocumentData::sizeBytes).thenComparing(byId);
        };
    }

    private List<DocumentData> list(DocumentQuery query, int max) {
        return repository.list(query, null, max).items();
    }

    private List<DocumentData> paged(DocumentQuery query, int size) {
        List<DocumentData> all = new ArrayList<>();
        @Nullable Position position = null;
        do {
            Page<DocumentData> page = repository.list(query, position, size);
            assertThat(page.items()).hasSizeBetween(1, size);
            all.addAll(page.items());
            assertThat(all).as("pages that come to an end").hasSizeLessThan(1000);
            position = page.next();
        } while (position != null);
        return all;
    }
}
