package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.BOB;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.ROOT;
import static dev.docs.application.House.SMALL;
import static dev.docs.application.House.failure;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.domain.AccessPolicy;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

final class ZipTest {
    private final House house = new House();

    @Test
    void holds_the_documents_in_the_order_asked_for() throws IOException {
        DocumentData small = house.create("small.txt", SMALL);
        DocumentData large = house.create("../large.bin", LARGE);
        DocumentData twin = house.create("SMALL.TXT", 0);

        OpenZip zip = house.documents.zip(ANN, ids(twin, large, small));

        assertThat(zip.documents()).isEqualTo(3);
        assertThat(zip.sizeBytes()).isEqualTo(SMALL + LARGE);
        Map<String, byte[]> files = unzip(written(zip));
        assertThat(files.keySet()).containsExactly("SMALL.TXT", ".._large.bin", "small (2).txt");
        assertThat(files.get("SMALL.TXT")).isEmpty();
        assertThat(files.get(".._large.bin")).isEqualTo(TestContent.bytes(LARGE, 0));
        assertThat(files.get("small (2).txt")).isEqualTo(TestContent.bytes(SMALL, 0));
    }

    @Test
    void text_is_compressed_and_other_content_is_not() throws IOException {
        byte[] bytes = new byte[LARGE];
        DocumentData text = house.documents.create(
                ANN, NewDocument.named("a.txt"), NewContent.of(bytes).withType("text/plain"));
        DocumentData other = house.documents.create(
                ANN, NewDocument.named("a.png"), NewContent.of(bytes).withType("image/png"));

        assertThat(written(house.documents.zip(ANN, ids(text)))).hasSizeLessThan(LARGE / 10);
        assertThat(written(house.documents.zip(ANN, ids(other)))).hasSizeGreaterThan(LARGE);
    }

    @Test
    void holds_what_a_query_finds_over_many_pages() throws IOException {
        List<String> names = IntStream.range(0, 250).mapToObj(i -> "doc" + i).toList();
        names.forEach(name -> house.create(name, 1));
        house.create("other", 1);
        DocumentQuery query = DocumentQuery.builder("ann")
                .namePrefix("doc")
                .sort(DocumentQuery.Sort.CREATED, false)
                .build();

        assertThat(unzip(written(house.documents.zip(ANN, query))).keySet()).containsExactlyElementsOf(names);
    }

    @Test
    void archived_documents_can_be_in_it() throws IOException {
        DocumentData archived = house.in(DocumentStatus.ARCHIVED);

        assertThat(unzip(written(house.documents.zip(ANN, ids(archived))))).hasSize(1);
    }

    @Test
    void all_that_can_not_be_seen_is_named_before_the_first_byte() {
        DocumentData mine = house.create("mine", 1);
        UUID gone = new UUID(1, 2);

        assertThat(failure(() -> house.documents.zip(BOB, List.of(mine.id(), gone))))
                .hasMessageContaining(mine.id().toString())
                .hasMessageContaining(gone.toString())
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
        assertThat(house.documents.zip(ROOT, ids(mine)).documents()).isEqualTo(1);
        assertThat(kind(() -> house.documents.zip(BOB, DocumentQuery.of("ann"))))
                .isEqualTo(Kind.ACCESS_DENIED);
    }

    @Test
    void the_policy_decides_about_each_document_that_a_query_finds() {
        DocumentData secret = house.create("secret", 1);
        house.create("open", 1);
        AccessPolicy policy = (caller, action, userId, document) ->
                document == null || !document.name().equals("secret");
        DocumentService restricted = Docs.builder()
                .repository(house.rows)
                .store("main", house.store)
                .accessPolicy(policy)
                .build()
                .documents();

        assertThat(failure(() -> restricted.zip(ANN, DocumentQuery.of("ann"))))
                .hasMessageContaining(secret.id().toString());
    }

    @ParameterizedTest
    @EnumSource(
            value = DocumentStatus.class,
            names = {"PENDING", "ERROR"})
    void a_document_without_readable_content_is_named_before_the_first_byte(DocumentStatus status) {
        DocumentData active = house.create("a", 1);
        DocumentData without = house.in(status);

        assertThat(failure(() -> house.documents.zip(ANN, ids(active, without))))
                .hasMessageContaining(without.id().toString())
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.STATUS));
        DocumentQuery all = DocumentQuery.builder("ann")
                .statuses(Set.of(DocumentStatus.ACTIVE, status))
                .build();
        assertThat(kind(() -> house.documents.zip(ANN, all))).isEqualTo(Kind.STATUS);
    }

    @Test
    void wrong_selections_are_refused() {
        DocumentData one = house.create("a", 1);
        List<UUID> tooMany = new ArrayList<>(Stream.generate(UUID::randomUUID)
                .limit(DocumentService.MAX_ZIP + 1L)
                .toList());

        assertThat(kind(() -> house.documents.zip(ANN, List.of()))).isEqualTo(Kind.INVALID);
        assertThat(kind(() -> house.documents.zip(ANN, ids(one, one)))).isEqualTo(Kind.INVALID);
        assertThat(kind(() -> house.documents.zip(ANN, tooMany))).isEqualTo(Kind.INVALID);
        DocumentQuery none = DocumentQuery.builder("ann").namePrefix("b").build();
        assertThat(kind(() -> house.documents.zip(ANN, none))).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void a_query_that_finds_more_than_a_zip_may_have_is_refused() {
        IntStream.rangeClosed(0, DocumentService.MAX_ZIP).forEach(i -> house.create("d", 0));

        assertThat(kind(() -> house.documents.zip(ANN, DocumentQuery.of("ann"))))
                .isEqualTo(Kind.INVALID);
    }

    @Test
    void it_holds_what_was_there_when_it_was_opened() throws IOException {
        DocumentData document = house.create("before", LARGE);
        OpenZip zip = house.documents.zip(ANN, ids(document));

        house.documents.change(ANN, document.id(), Precondition.NONE, DocumentChanges.name("after"));
        house.replace(document, TestContent.known(5));

        assertThat(unzip(written(zip)))
                .containsOnlyKeys("before")
                .hasEntrySatisfying("before", bytes -> assertThat(bytes).hasSize(LARGE));
    }

    @Test
    void damaged_content_breaks_it_off_without_an_end() {
        DocumentData first = house.create("a", LARGE);
        DocumentData damaged = house.create("b", LARGE);
        house.store.flip(House.contentOf(damaged).url(), LARGE / 2);
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        OpenZip zip = house.documents.zip(ANN, ids(first, damaged));

        assertThat(kind(() -> zip.writeTo(out))).isEqualTo(Kind.CONTENT_LOST);
        assertThat(out.size()).isBetween(LARGE, 2 * LARGE);
        assertThat(out.toString(StandardCharsets.ISO_8859_1))
                .doesNotContain("PK\1\2")
                .doesNotContain("PK\5\6");
        assertThat(house.now(damaged).status()).isEqualTo(DocumentStatus.ERROR);
    }

    @Test
    void a_reader_that_goes_away_gets_its_own_failure() {
        DocumentData document = house.create("a", LARGE);
        IOException gone = new IOException("gone");
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw gone;
            }
        };

        assertThatThrownBy(() -> house.documents.zip(ANN, ids(document)).writeTo(broken))
                .isSameAs(gone);
        assertThat(house.now(document).status()).isEqualTo(DocumentStatus.ACTIVE);
    }

    private static List<UUID> ids(DocumentData... documents) {
        return Stream.of(documents).map(DocumentData::id).toList();
    }

    private static byte[] written(OpenZip zip) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        zip.writeTo(out);
        return out.toByteArray();
    }

    /** Front to back, as one who has no end to look at yet. */
    private static Map<String, byte[]> unzip(byte[] zip) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                files.put(entry.getName(), in.readAllBytes());
            }
        }
        return files;
    }
}
