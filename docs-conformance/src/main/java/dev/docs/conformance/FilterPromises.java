package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuery.MetadataCondition;
import dev.docs.domain.DocumentQuery.Sort;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Metadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Which documents a query finds. Each question is asked in every order, and counted. */
abstract class FilterPromises extends RepositoryPromises {
    private static final Set<DocumentStatus> EVERY = EnumSet.allOf(DocumentStatus.class);

    @Test
    final void onlyTheOwnersActiveDocumentsUnlessAskedOtherwise() {
        add("active");
        begin(newDocument("pending", Metadata.EMPTY), 1);
        update(add("archived").archive(tick()));
        update(add("failed").fail("damaged", tick()));
        activate(DocumentData.pending(newId(), newOwner(), "other", null, Metadata.EMPTY, tick()), 1);

        assertThat(found(query -> query)).containsExactly("active");
    }

    @Test
    final void oneStatusOrSeveral() {
        add("active");
        begin(newDocument("pending", Metadata.EMPTY), 1);
        update(add("archived").archive(tick()));
        update(add("failed").fail("damaged", tick()));

        assertThat(found(query -> query.statuses(Set.of(DocumentStatus.PENDING))))
                .containsExactly("pending");
        assertThat(found(query -> query.statuses(Set.of(DocumentStatus.ACTIVE, DocumentStatus.ERROR))))
                .containsExactly("active", "failed");
        assertThat(found(query -> query.statuses(EVERY))).containsExactly("active", "pending", "archived", "failed");
    }

    @Test
    final void namesMeetWhateverTheirCaseAndComposition() {
        List<String> forms =
                List.of("Übersicht 2026", "ÜBERSICHT 2026", "U\u0308bersicht 2026", "u\u0308BERSICHT 2026");
        forms.forEach(this::add);
        add("Ubersicht 2026");

        for (String asked : List.of("übersicht", "ÜBER", "u\u0308ber", "U\u0308BERSICHT 2026")) {
            assertThat(found(query -> query.namePrefix(asked))).isEqualTo(forms);
            assertThat(found(query -> query.nameContains(asked))).isEqualTo(forms);
        }
        assertThat(found(query -> query.nameContains("BERSICHT 20"))).hasSize(5);
    }

    @Test
    final void sharpSMeetsDoubleS() {
        add("Straße");
        add("STRASSE");
        add("strasse");

        assertThat(found(query -> query.namePrefix("straß"))).hasSize(3);
        assertThat(found(query -> query.nameContains("RASSE"))).hasSize(3);
    }

    @Test
    final void namesOfOtherScriptsAreFound() {
        add("報告.pdf");
        add("月報告.pdf");
        add("\uD83D\uDCC4 page");
        add("ΣΊΣΥΦΟΣ");

        assertThat(found(query -> query.namePrefix("報告"))).containsExactly("報告.pdf");
        assertThat(found(query -> query.nameContains("報告"))).containsExactly("報告.pdf", "月報告.pdf");
        assertThat(found(query -> query.namePrefix("\uD83D\uDCC4"))).containsExactly("\uD83D\uDCC4 page");
        assertThat(found(query -> query.nameContains("σίσυ"))).containsExactly("ΣΊΣΥΦΟΣ");
    }

    @Test
    final void nothingInANameIsAPattern() {
        List<String> names = List.of(
                "100% sure",
                "100 percent", "a_b", "axb", "c\\d", "c\\\\d", "cd", "[x]", "x", "'quoted'", "%", "_", "\\");
        names.forEach(this::add);

        assertThat(found(query -> query.namePrefix("100%"))).containsExactly("100% sure");
        assertThat(found(query -> query.namePrefix("a_"))).containsExactly("a_b");
        assertThat(found(query -> query.namePrefix("c\\"))).containsExactly("c\\d", "c\\\\d");
        assertThat(found(query -> query.namePrefix("c\\\\"))).containsExactly("c\\\\d");
        assertThat(found(query -> query.namePrefix("%"))).containsExactly("%");
        assertThat(found(query -> query.namePrefix("_"))).containsExactly("_");
        assertThat(found(query -> query.namePrefix("\\"))).containsExactly("\\");
        assertThat(found(query -> query.nameContains("%"))).containsExactly("100% sure", "%");
        assertThat(found(query -> query.nameContains("_"))).containsExactly("a_b", "_");
        assertThat(found(query -> query.nameContains("\\"))).containsExactly("c\\d", "c\\\\d", "\\");
        assertThat(found(query -> query.nameContains("\\d"))).containsExactly("c\\d", "c\\\\d");
        assertThat(found(query -> query.nameContains("[x"))).containsExactly("[x]");
        assertThat(found(query -> query.nameContains("'quoted'"))).containsExactly("'quoted'");
        assertThat(found(query -> query.nameContains("0%s"))).isEmpty();
    }

    @Test
    final void aPrefixIsAtTheStartAndContainedTextAnywhere() {
        add("report");
        add("a report");
        add("repor");

        assertThat(found(query -> query.namePrefix("report"))).containsExactly("report");
        assertThat(found(query -> query.nameContains("report"))).containsExactly("report", "a report");
        assertThat(found(query -> query.namePrefix("rep").nameContains("ort"))).containsExactly("report");
        assertThat(found(query -> query.namePrefix("report and more"))).isEmpty();
    }

    @Test
    final void spacesInANameCount() {
        add("x");
        add(" x");
        add("x ");

        assertThat(found(query -> query.namePrefix(" "))).containsExactly(" x");
        assertThat(found(query -> query.namePrefix("x "))).containsExactly("x ");
        assertThat(found(query -> query.nameContains(" "))).containsExactly(" x", "x ");
    }

    @Test
    final void aNameWhoseKeyIsCutIsFoundByItsStart() {
        String name = "\u0390".repeat(255);
        add(name);

        assertThat(found(query -> query.namePrefix("\u0390".repeat(100)))).containsExactly(name);
        assertThat(found(query -> query.namePrefix(name))).containsExactly(name);
    }

    @Test
    final void aRenamedDocumentIsFoundByItsNewNameOnly() {
        DocumentData document = add("before");
        update(document.describe("after", document.metadata(), tick()));

        assertThat(found(query -> query.namePrefix("before"))).isEmpty();
        assertThat(found(query -> query.namePrefix("after"))).containsExactly("after");
    }

    @Test
    final void oneMediaTypeOrAllOfOneKind() {
        for (String type : List.of("image/png", "image/svg+xml", "imagex/png", "text/plain", "x_y/z", "xay/z")) {
            DocumentData pending = newDocument(type, Metadata.EMPTY);
            activate(pending, new Content(newUrl(), type, 1, "0".repeat(64)));
        }

        assertThat(found(query -> query.mimeType("image/png"))).containsExactly("image/png");
        assertThat(found(query -> query.mimeType("image/*"))).containsExactly("image/png", "image/svg+xml");
        assertThat(found(query -> query.mimeType("x_y/*"))).containsExactly("x_y/z");
        assertThat(found(query -> query.mimeType("image/gif"))).isEmpty();
    }

    @Test
    final void aDocumentWithoutContentHasTheTypeThatWasDeclared() {
        begin(DocumentData.pending(newId(), owner, "png", "image/png", Metadata.EMPTY, tick()), 1);
        begin(newDocument("undeclared", Metadata.EMPTY), 1);
        Set<DocumentStatus> pending = Set.of(DocumentStatus.PENDING);

        assertThat(found(query -> query.statuses(pending).mimeType("image/png")))
                .containsExactly("png");
        assertThat(found(query -> query.statuses(pending).mimeType("image/*"))).containsExactly("png");
        assertThat(found(query -> query.statuses(pending).mimeType("text/*"))).isEmpty();
    }

    @Test
    final void metadataIsFoundByPathAndText() {
        add("text", Map.of("k", "v"));
        add("number", Map.of("k", 1));
        add("largest", Map.of("k", Long.MAX_VALUE));
        add("fraction", Map.of("k", new BigDecimal("0.50")));
        add("huge", Map.of("k", new BigDecimal("1e30")));
        add("yes", Map.of("k", true));
        add("nested", Map.of("k", Map.of("in", Map.of("deep", "v"))));
        add("list", Map.of("k", Arrays.asList("v", 2, null, Map.of("in", "w"))));
        add("other key", Map.of("K", "v"));
        add("nothing", Map.of());

        assertThat(having("k", "v")).containsExactly("text", "list");
        assertThat(having("k", "V")).isEmpty();
        assertThat(having("k", "1")).containsExactly("number");
        assertThat(having("k", "2")).containsExactly("list");
        assertThat(having("k", "null")).containsExactly("list");
        assertThat(having("k", "9223372036854775807")).containsExactly("largest");
        assertThat(having("k", "0.5")).containsExactly("fraction");
        assertThat(having("k", "1000000000000000000000000000000")).containsExactly("huge");
        assertThat(having("k", "true")).containsExactly("yes");
        assertThat(having("k.in.deep", "v")).containsExactly("nested");
        assertThat(having("k.in", "w")).containsExactly("list");
        assertThat(having("K", "v")).containsExactly("other key");
        assertThat(having("k", "")).isEmpty();
    }

    @Test
    final void metadataIsFoundByPathAlone() {
        add("text", Map.of("k", "v"));
        add("null", Metadata.of(Collections.singletonMap("k", null)));
        add("empty text", Map.of("k", ""));
        add("twice", Map.of("k", List.of("v", "w")));
        add("below", Map.of("k", Map.of("in", 1)));
        add("empty", Map.of("k", List.of()));
        add("other", Map.of("kk", 1));

        assertThat(having("k", null)).containsExactly("text", "null", "empty text", "twice");
        assertThat(having("k", "")).containsExactly("empty text");
        assertThat(having("k.in", null)).containsExactly("below");
        assertThat(having("k%", null)).isEmpty();
    }

    @Test
    final void allMetadataConditionsHoldTogether() {
        add("both", Map.of("a", 1, "b", 2));
        add("one", Map.of("a", 1));
        add("list", Map.of("a", List.of(1, 3), "b", 2));

        assertThat(having(new MetadataCondition("a", "1"), new MetadataCondition("b", "2")))
                .containsExactly("both", "list");
        assertThat(having(new MetadataCondition("a", "1"), new MetadataCondition("a", "3")))
                .containsExactly("list");
        assertThat(having(new MetadataCondition("a", "1"), new MetadataCondition("b", null)))
                .containsExactly("both", "list");
        assertThat(having(new MetadataCondition("a", "2"), new MetadataCondition("b", "1")))
                .isEmpty();
    }

    @Test
    final void longKeysAndValuesMatchExactly() {
        String key = "k".repeat(300);
        String value = "報\uD83D\uDCC4".repeat(200);
        add("long", Map.of(key, value));
        add("longer", Map.of(key, value + "x"));
        add("at the limit", Map.of("k", "v".repeat(200)));

        assertThat(having(key, value)).containsExactly("long");
        assertThat(having(key, value + "x")).containsExactly("longer");
        assertThat(having(key, null)).containsExactly("long", "longer");
        assertThat(having(key + "k", null)).isEmpty();
        assertThat(having("k", "v".repeat(200))).containsExactly("at the limit");
        assertThat(having("k", "v".repeat(199))).isEmpty();
    }

    @Test
    final void metadataThatWasReplacedIsNotFound() {
        DocumentData document = add("changed", Map.of("old", 1, "kept", 1));
        update(document.describe("changed", Metadata.of(Map.of("new", 1, "kept", 2)), tick()));

        assertThat(having("old", null)).isEmpty();
        assertThat(having("kept", "1")).isEmpty();
        assertThat(having("kept", "2")).containsExactly("changed");
        assertThat(having("new", "1")).containsExactly("changed");
    }

    @Test
    final void metadataIsFoundInEveryStatus() {
        DocumentData pending = newDocument("pending", Metadata.of(Map.of("k", "v")));
        begin(pending, 1);
        update(add("archived", Map.of("k", "v")).archive(tick()));
        publishInline(newDocument("inline", Metadata.of(Map.of("k", "v"))), new byte[3]);

        assertThat(found(query -> query.statuses(EVERY).metadata(List.of(new MetadataCondition("k", "v")))))
                .containsExactly("pending", "archived", "inline");
    }

    @Test
    final void boundsOfTimesAreExclusive() {
        Instant first = add("first").createdAt();
        Instant second = add("second").createdAt();
        Instant third = add("third").createdAt();

        assertThat(found(query -> query.createdBetween(first, null))).containsExactly("second", "third");
        assertThat(found(query -> query.createdBetween(first.minusMillis(1), null)))
                .containsExactly("first", "second", "third");
        assertThat(found(query -> query.createdBetween(null, third))).containsExactly("first", "second");
        assertThat(found(query -> query.createdBetween(null, third.plusMillis(1))))
                .containsExactly("first", "second", "third");
        assertThat(found(query -> query.createdBetween(first, third))).containsExactly("second");
        assertThat(found(query -> query.createdBetween(second, second))).isEmpty();
    }

    @Test
    final void timesOfUpdatesAreNotTimesOfCreation() {
        DocumentData first = add("first");
        DocumentData second = add("second");
        Instant updated =
                update(first.describe("first", first.metadata(), tick())).updatedAt();

        assertThat(found(query -> query.updatedBetween(second.updatedAt(), null)))
                .containsExactly("first");
        assertThat(found(query -> query.updatedBetween(updated, null))).isEmpty();
        assertThat(found(query -> query.updatedBetween(updated.minusMillis(1), updated.plusMillis(1))))
                .containsExactly("first");
        assertThat(found(query -> query.updatedBetween(null, updated))).containsExactly("second");
        assertThat(found(query -> query.createdBetween(null, second.createdAt())))
                .containsExactly("first");
    }

    @Test
    final void boundsOfSizesAreInclusive() {
        for (long size : new long[] {0, 10, 20, 1L << 35}) {
            activate(newDocument("" + size, Metadata.EMPTY), size);
        }

        assertThat(found(query -> query.sizeBetween(10L, null))).containsExactly("10", "20", "34359738368");
        assertThat(found(query -> query.sizeBetween(11L, null))).containsExactly("20", "34359738368");
        assertThat(found(query -> query.sizeBetween(null, 10L))).containsExactly("0", "10");
        assertThat(found(query -> query.sizeBetween(null, 9L))).containsExactly("0");
        assertThat(found(query -> query.sizeBetween(10L, 20L))).containsExactly("10", "20");
        assertThat(found(query -> query.sizeBetween(0L, 0L))).containsExactly("0");
        assertThat(found(query -> query.sizeBetween(20L, 10L))).isEmpty();
    }

    @Test
    final void theDigestIsThatOfTheCurrentVersion() {
        DocumentData document = activate(newDocument("replaced", Metadata.EMPTY), content(10));
        replace(document, content(20));
        activate(newDocument("same", Metadata.EMPTY), content(20));
        activate(newDocument("other", Metadata.EMPTY), content(30));

        assertThat(found(query -> query.sha256(content(20).sha256()))).containsExactly("replaced", "same");
        assertThat(found(query -> query.sha256(content(10).sha256()))).isEmpty();
    }

    @Test
    final void allConditionsHoldTogether() {
        DocumentData wanted = add("Report one", Map.of("k", "v"));
        add("Report two", Map.of("k", "w"));
        add("Note one", Map.of("k", "v"));
        update(add("Report three one", Map.of("k", "v")).archive(tick()));

        assertThat(found(query -> query.namePrefix("report")
                        .nameContains("one")
                        .mimeType("text/*")
                        .metadata(List.of(new MetadataCondition("k", "v")))
                        .createdBetween(wanted.createdAt().minusMillis(1), null)
                        .updatedBetween(null, wanted.updatedAt().plusMillis(1))
                        .sizeBetween(10L, 10L)
                        .sha256(content(10).sha256())))
                .containsExactly("Report one");
    }

    @Test
    final void countingStopsAtTheMost() {
        for (int i = 0; i < 5; i++) {
            add("n" + i);
        }
        update(add("archived").archive(tick()));
        DocumentQuery query = DocumentQuery.of(owner);

        assertThat(repository.count(query, 3)).isEqualTo(3);
        assertThat(repository.count(query, 5)).isEqualTo(5);
        assertThat(repository.count(query, 1_000_000)).isEqualTo(5);
        DocumentQuery every = DocumentQuery.builder(owner).statuses(EVERY).build();
        assertThat(repository.count(every, 4)).isEqualTo(4);
        assertThat(repository.count(every, 100)).isEqualTo(6);
    }

    private DocumentData add(String name) {
        return add(name, Metadata.EMPTY);
    }

    private DocumentData add(String name, Map<String, ?> metadata) {
        return add(name, Metadata.of(metadata));
    }

    private DocumentData add(String name, Metadata metadata) {
        return activate(newDocument(name, metadata), 10);
    }

    private List<String> having(String path, @Nullable String value) {
        return having(new MetadataCondition(path, value));
    }

    private List<String> having(MetadataCondition... conditions) {
        return found(query -> query.metadata(List.of(conditions)));
    }

    /** Names of what is found, oldest first. */
    private List<String> found(UnaryOperator<DocumentQuery.Builder> conditions) {
        List<String> oldestFirst = found(conditions, Sort.CREATED, false);
        for (Sort sort : Sort.values()) {
            for (boolean descending : new boolean[] {false, true}) {
                assertThat(found(conditions, sort, descending))
                        .as("sorted by %s, descending: %s", sort, descending)
                        .containsExactlyInAnyOrderElementsOf(oldestFirst);
            }
        }
        assertThat(repository.count(
                        conditions.apply(DocumentQuery.builder(owner)).build(), 1000))
                .isEqualTo(oldestFirst.size());
        return oldestFirst;
    }

    private List<String> found(UnaryOperator<DocumentQuery.Builder> conditions, Sort sort, boolean descending) {
        DocumentQuery query = conditions
                .apply(DocumentQuery.builder(owner))
                .sort(sort, descending)
                .build();
        return repository.list(query, null, 200).items().stream()
                .map(DocumentData::name)
                .toList();
    }
}
