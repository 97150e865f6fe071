package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentNames;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuery.MetadataCondition;
import dev.docs.domain.DocumentQuery.Sort;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Metadata;
import dev.docs.domain.Page;
import dev.docs.domain.Position;
import dev.docs.domain.Sha256;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/** Searches by any combination of conditions, in any order and in pages of any size, and what metadata can be found by. */
abstract class SearchPromises extends RepositoryPromises {
    private static final int DOCUMENTS = 60;
    private static final int SEARCHES = 150;
    private static final String LONG = "報a\uD83D\uDCC4".repeat(80);
    private static final List<String> NAMES =
            List.of("Report one", "report TWO", "Übersicht", "u\u0308bersicht 2", "a_b", "a%b", "STRASSE", "straße 報告");
    private static final List<String> PARTS = List.of("report", "ÜBER", "_", "%", "ss", "報", " ", "t", "none");
    private static final List<String> TYPES = List.of("text/plain", "text/html", "image/png", "textual/plain");
    private static final List<@Nullable Object> VALUES = Arrays.asList(
            "v",
            "V",
            "",
            "1",
            1,
            new BigDecimal("1.5"),
            new BigDecimal("1e30"),
            Long.MIN_VALUE,
            true,
            "true",
            null,
            "null",
            "a:b",
            "*",
            "%",
            "ä",
            "a\u0308",
            LONG,
            LONG + "x");
    private static final List<String> KEYS = List.of("k", "K", "k.in", "a:b", "%", "ключ", LONG);

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @Test
    final void any_search_in_pages_of_any_size_finds_what_a_look_at_every_document_finds() {
        List<DocumentData> documents = new ArrayList<>();
        for (int i = 0; i < DOCUMENTS; i++) {
            documents.add(document());
        }
        int found = 0;
        for (int i = 0; i < SEARCHES; i++) {
            DocumentQuery query = query(documents);
            List<DocumentData> expected = documents.stream()
                    .filter(document -> matches(query, document))
                    .sorted(order(query))
                    .toList();
            int size = 1 + random.nextInt(random.nextBoolean() ? 4 : DOCUMENTS);

            assertThat(paged(query, size))
                    .as("seed %d, search %d: %s by %d", seed, i, query, size)
                    .isEqualTo(expected);
            assertThat(repository.count(query, ALL)).as("%s", query).isEqualTo(expected.size());
            found += expected.isEmpty() ? 0 : 1;
        }
        assertThat(found).as("searches that find something, seed %d", seed).isGreaterThan(SEARCHES / 5);
    }

    @Test
    final void a_number_is_found_by_its_shortest_form_however_it_was_written() {
        add("whole", Map.of("n", 1));
        add("with a fraction of nothing", Map.of("n", new BigDecimal("1.0")));
        add("with an exponent", Map.of("n", new BigDecimal("1e0")));
        add("floating", Map.of("n", 1.0d));
        add("text", Map.of("n", "1.0"));

        assertThat(having("n", "1"))
                .containsExactly("whole", "with a fraction of nothing", "with an exponent", "floating");
        assertThat(having("n", "1.0")).containsExactly("text");
    }

    @Test
    final void a_key_with_dots_and_nested_keys_are_one_path() {
        add("nested", Map.of("a", Map.of("b", Map.of("c", 1))));
        add("dotted", Map.of("a.b.c", 1));
        add("mixed", Map.of("a.b", Map.of("c", 1)));
        add("other", Map.of("a", Map.of("bc", 1)));

        assertThat(having("a.b.c", "1")).containsExactly("nested", "dotted", "mixed");
        assertThat(having("a.b", null)).isEmpty();
    }

    @Test
    final void case_and_composition_count_in_metadata() {
        add("composed", Map.of("k", "ä"));
        add("decomposed", Map.of("k", "a\u0308"));
        add("capital", Map.of("k", "Ä"));

        assertThat(having("k", "ä")).containsExactly("composed");
        assertThat(having("k", "a\u0308")).containsExactly("decomposed");
    }

    @Test
    final void a_short_text_that_looks_like_what_stands_for_a_long_one_is_another() {
        String text = "k".repeat(300);
        String looksLikeIt = text.substring(0, 100) + '#' + Sha256.hex(text);
        add("long value", Map.of("k", text));
        add("short value", Map.of("k", looksLikeIt));
        add("long key", Map.of(text, 1));
        add("short key", Map.of(looksLikeIt, 1));

        assertThat(having("k", text)).containsExactly("long value");
        assertThat(having("k", looksLikeIt)).containsExactly("short value");
        assertThat(having(text, "1")).containsExactly("long key");
        assertThat(having(looksLikeIt, null)).containsExactly("short key");
    }

    @Test
    final void texts_that_begin_alike_and_differ_late_are_different() {
        add("one", Map.of("k", "x".repeat(5000) + "1"));
        add("two", Map.of("k", "x".repeat(5000) + "2"));

        assertThat(having("k", "x".repeat(5000) + "1")).containsExactly("one");
        assertThat(having("k", "x".repeat(5000))).isEmpty();
    }

    private void add(String name, Map<String, ?> metadata) {
        activate(newDocument(name, Metadata.of(metadata)), 1);
    }

    /** Names of what is found, oldest first. */
    private List<String> having(String path, @Nullable String value) {
        DocumentQuery query = DocumentQuery.builder(owner)
                .metadata(List.of(new MetadataCondition(path, value)))
                .sort(Sort.CREATED, false)
                .build();
        return repository.list(query, null, 200).items().stream()
                .map(DocumentData::name)
                .toList();
    }

    private List<DocumentData> paged(DocumentQuery query, int size) {
        List<DocumentData> all = new ArrayList<>();
        @Nullable Position position = null;
        do {
            Page<DocumentData> page = repository.list(query, position, size);
            all.addAll(page.items());
            position = page.next();
        } while (position != null && all.size() <= DOCUMENTS);
        return all;
    }

    // The naive search

    private static boolean matches(DocumentQuery query, DocumentData document) {
        String key = DocumentNames.key(document.name());
        String type = Objects.requireNonNullElse(document.mimeType(), "");
        String wanted = query.mimeType();
        Content content = document.content();
        return query.statuses().contains(document.status())
                && (query.nameContains() == null || key.contains(DocumentNames.key(query.nameContains())))
                && (query.namePrefix() == null || key.startsWith(DocumentNames.key(query.namePrefix())))
                && (wanted == null || type.equals(wanted) || type.startsWith(wanted.replace("/*", "/")))
                && query.metadata().stream().allMatch(condition -> has(document.metadata(), condition))
                && isWithin(query.createdAfter(), document.createdAt(), query.createdBefore())
                && isWithin(query.updatedAfter(), document.updatedAt(), query.updatedBefore())
                && (query.minSize() == null || document.sizeBytes() >= query.minSize())
                && (query.maxSize() == null || document.sizeBytes() <= query.maxSize())
                && (query.sha256() == null
                        || (content != null && content.sha256().equals(query.sha256())));
    }

    private static boolean isWithin(@Nullable Instant after, Instant time, @Nullable Instant before) {
        return (after == null || time.compareTo(after) > 0) && (before == null || time.compareTo(before) < 0);
    }

    private static boolean has(Metadata metadata, MetadataCondition condition) {
        return metadata.values().entrySet().stream()
                .anyMatch(entry -> leads(entry.getKey(), entry.getValue(), condition));
    }

    private static boolean leads(String path, @Nullable Object value, MetadataCondition condition) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .anyMatch(entry -> leads(path + '.' + entry.getKey(), entry.getValue(), condition));
        }
        if (value instanceof List<?> list) {
            return list.stream().anyMatch(element -> leads(path, element, condition));
        }
        String text = value instanceof BigDecimal number ? number.toPlainString() : "" + value;
        return path.equals(condition.path())
                && (condition.value() == null || condition.value().equals(text));
    }

    private static Comparator<DocumentData> order(DocumentQuery query) {
        Comparator<DocumentData> byId =
                Comparator.comparing(document -> document.id().toString());
        Comparator<DocumentData> order = switch (query.sort()) {
            case CREATED -> byId;
            case UPDATED -> Comparator.comparing(DocumentData::updatedAt).thenComparing(byId);
            case NAME ->
                Comparator.comparing((DocumentData document) -> DocumentNames.key(document.name()))
                        .thenComparing(byId);
            case SIZE -> Comparator.comparing(DocumentData::sizeBytes).thenComparing(byId);
        };
        return query.descending() ? order.reversed() : order;
    }

    // Anything

    private DocumentData document() {
        DocumentData pending = newDocument(pick(NAMES), metadata());
        if (random.nextInt(6) == 0) {
            begin(pending, 1);
            return pending;
        }
        long size = random.nextInt(4) * 10L;
        DocumentData active =
                activate(pending, new Content(newUrl(), pick(TYPES), size, "%064x".formatted(random.nextInt(4))));
        return switch (random.nextInt(6)) {
            case 0 -> update(active.archive(tick()));
            case 1 -> update(active.fail("damaged", tick()));
            case 2 -> update(active.describe(pick(NAMES), metadata(), active.updatedAt()));
            default -> active;
        };
    }

    private Metadata metadata() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        int members = random.nextInt(4);
        for (int i = 0; i < members; i++) {
            values.put(pick(KEYS), value(2));
        }
        return Metadata.of(values);
    }

    private @Nullable Object value(int depth) {
        int shape = depth == 0 ? 9 : random.nextInt(10);
        if (shape == 0) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            members.put(pick(KEYS), value(depth - 1));
            members.put("in", value(depth - 1));
            return members;
        } else if (shape == 1) {
            return Arrays.asList(value(depth - 1), value(depth - 1));
        }
        return VALUES.get(random.nextInt(VALUES.size()));
    }

    private DocumentQuery query(List<DocumentData> documents) {
        Set<DocumentStatus> statuses = EnumSet.of(pick(List.of(DocumentStatus.values())));
        for (DocumentStatus status : DocumentStatus.values()) {
            if (random.nextInt(3) > 0) {
                statuses.add(status);
            }
        }
        List<MetadataCondition> conditions = new ArrayList<>();
        int count = random.nextInt(3);
        for (int i = 0; i < count; i++) {
            conditions.add(condition(documents));
        }
        return DocumentQuery.builder(owner)
                .statuses(statuses)
                .metadata(conditions)
                .nameContains(random.nextInt(5) == 0 ? pick(PARTS) : null)
                .namePrefix(random.nextInt(8) == 0 ? pick(PARTS) : null)
                .mimeType(random.nextInt(6) == 0 ? pick(List.of("text/*", "text/html", "image/*")) : null)
                .createdBetween(bound(documents), bound(documents))
                .updatedBetween(bound(documents), bound(documents))
                .sizeBetween(random.nextInt(8) == 0 ? 10L : null, random.nextInt(8) == 0 ? 20L : null)
                .sha256(random.nextInt(12) == 0 ? "%064x".formatted(random.nextInt(4)) : null)
                .sort(pick(List.of(Sort.values())), random.nextBoolean())
                .build();
    }

    /** Mostly one that some document meets. */
    private MetadataCondition condition(List<DocumentData> documents) {
        Map<String, @Nullable Object> values = pick(documents).metadata().values();
        String path = pick(KEYS);
        if (!values.isEmpty() && random.nextInt(4) > 0) {
            path = pick(List.copyOf(values.keySet()));
            Object value = values.get(path);
            if (value instanceof Map<?, ?>) {
                path = path + ".in";
            } else if (!(value instanceof List<?>) && random.nextInt(3) > 0) {
                return new MetadataCondition(
                        path, value instanceof BigDecimal number ? number.toPlainString() : "" + value);
            }
        }
        return new MetadataCondition(path, random.nextBoolean() ? null : "" + pick(List.of("v", "1", "null", "true")));
    }

    /** Mostly none, else the exact time of something. */
    private @Nullable Instant bound(List<DocumentData> documents) {
        return switch (random.nextInt(16)) {
            case 0 -> pick(documents).createdAt();
            case 1 -> pick(documents).updatedAt();
            default -> null;
        };
    }

    private <T> T pick(List<T> from) {
        return Objects.requireNonNull(from.get(random.nextInt(from.size())));
    }
}
