package dev.docs.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.domain.DocumentException.Kind;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The life of a document, held against the table of the design, which is written out here once more. */
class DocumentDataTest {
    private static final UUID ID = UUID.fromString("019ab3c0-0000-7000-8000-000000000001");
    private static final Instant CREATED = Instant.parse("2026-11-24T10:00:00.123Z");
    private static final Instant NOW = Instant.parse("2026-11-24T11:00:00.456Z");
    private static final Content CONTENT =
            new Content(new StorageUrl("main", "one"), "text/plain", 5, "0123456789abcdef".repeat(4));
    private static final Content OTHER =
            new Content(new StorageUrl("main", "two"), "image/png", 7, "fedcba9876543210".repeat(4));
    private static final Metadata METADATA = Metadata.of(Map.of("a", 1));

    private static final Map<DocumentStatus, List<DocumentStatus>> TABLE = Map.of(
            DocumentStatus.PENDING, List.of(DocumentStatus.ACTIVE, DocumentStatus.ERROR),
            DocumentStatus.ACTIVE, List.of(DocumentStatus.ARCHIVED, DocumentStatus.ERROR),
            DocumentStatus.ARCHIVED, List.of(DocumentStatus.ACTIVE, DocumentStatus.ERROR),
            DocumentStatus.ERROR, List.of(DocumentStatus.PENDING, DocumentStatus.ACTIVE, DocumentStatus.ARCHIVED));

    enum Command {
        PUBLISH,
        ARCHIVE,
        RESTORE,
        FAIL,
        RETRY,
        VERIFIED,
        DESCRIBE;

        DocumentData on(DocumentData document) {
            return switch (this) {
                case PUBLISH -> document.publish(OTHER, "image/jpeg", NOW);
                case ARCHIVE -> document.archive(NOW);
                case RESTORE -> document.restore(NOW);
                case FAIL -> document.fail("damaged", NOW);
                case RETRY -> document.retry(NOW);
                case VERIFIED -> document.verified(NOW);
                case DESCRIBE -> document.describe("new name", Metadata.EMPTY, NOW);
            };
        }

        /** The status after it, or empty if it is refused. */
        Optional<DocumentStatus> from(DocumentStatus status, boolean content) {
            return switch (this) {
                case PUBLISH ->
                    status == DocumentStatus.ARCHIVED ? Optional.empty() : Optional.of(DocumentStatus.ACTIVE);
                case ARCHIVE ->
                    status == DocumentStatus.ACTIVE || status == DocumentStatus.ERROR
                            ? Optional.of(DocumentStatus.ARCHIVED)
                            : Optional.empty();
                case RESTORE ->
                    status == DocumentStatus.ARCHIVED && content
                            ? Optional.of(DocumentStatus.ACTIVE)
                            : Optional.empty();
                case FAIL -> status == DocumentStatus.ERROR ? Optional.empty() : Optional.of(DocumentStatus.ERROR);
                case RETRY -> status == DocumentStatus.ERROR ? Optional.of(DocumentStatus.PENDING) : Optional.empty();
                case VERIFIED ->
                    status == DocumentStatus.ERROR && content ? Optional.of(DocumentStatus.ACTIVE) : Optional.empty();
                case DESCRIBE -> Optional.of(status);
            };
        }
    }

    @Example
    void statusesTurnIntoExactlyThoseOfTheTable() {
        for (DocumentStatus from : DocumentStatus.values()) {
            assertThat(from.next()).containsExactlyInAnyOrderElementsOf(TABLE.getOrDefault(from, List.of()));
            for (DocumentStatus to : DocumentStatus.values()) {
                assertThat(from.canBecome(to))
                        .isEqualTo(TABLE.getOrDefault(from, List.of()).contains(to));
            }
        }
    }

    @Example
    void statusesHaveAWireFormThatReadsBack() {
        assertThat(Arrays.stream(DocumentStatus.values()).map(DocumentStatus::wire))
                .containsExactly("pending", "active", "archived", "error");
        for (DocumentStatus status : DocumentStatus.values()) {
            assertThat(DocumentStatus.ofWire(status.wire())).hasValue(status);
        }
        assertThat(DocumentStatus.ofWire("ACTIVE")).isEmpty();
        assertThat(DocumentStatus.ofWire("")).isEmpty();
    }

    @Property
    void everyCommandFollowsTheTableFromEveryStatus(
            @ForAll DocumentStatus status, @ForAll boolean content, @ForAll Command command) {
        Assume.that(content || status != DocumentStatus.ACTIVE);
        DocumentData before = document(status, content);
        Optional<DocumentStatus> expected = command.from(status, content);

        if (expected.isEmpty()) {
            DocumentStatusException refused =
                    catchThrowableOfType(DocumentStatusException.class, () -> command.on(before));
            assertThat(refused).isNotNull();
            assertThat(refused.kind()).isEqualTo(Kind.STATUS);
            assertThat(refused.from()).isEqualTo(status);
            assertThat(refused).hasMessageContaining(status.wire()).hasMessageContaining(ID.toString());
            return;
        }

        DocumentData after = command.on(before);
        boolean publishes = command == Command.PUBLISH;
        boolean describes = command == Command.DESCRIBE;
        assertThat(after)
                .isEqualTo(new DocumentData(
                        ID,
                        "alice",
                        describes ? "new name" : "name",
                        publishes ? "image/jpeg" : "text/css",
                        publishes ? OTHER : before.content(),
                        expected.get(),
                        describes ? Metadata.EMPTY : METADATA,
                        publishes ? before.version() + 1 : before.version(),
                        before.revision() + 1,
                        CREATED,
                        NOW,
                        expected.get() == DocumentStatus.ERROR
                                ? (command == Command.FAIL ? "damaged" : before.statusReason())
                                : null));
    }

    @Property
    void everyHistoryKeepsTheInvariants(@ForAll List<Command> commands) {
        DocumentData document = DocumentData.pending(ID, "alice", "name", null, METADATA, CREATED);
        int revision = 1;
        int published = 0;
        for (Command command : commands) {
            boolean content = published > 0;
            if (command.from(document.status(), content).isPresent()) {
                document = command.on(document);
                revision++;
                published += command == Command.PUBLISH ? 1 : 0;
            }
            assertThat(document.revision()).isEqualTo(revision);
            assertThat(document.version()).isEqualTo(published);
            assertThat(document.content()).isEqualTo(published > 0 ? OTHER : null);
            assertThat(document.sizeBytes()).isEqualTo(published > 0 ? 7 : 0);
            assertThat(document.mimeType()).isEqualTo(published > 0 ? "image/png" : null);
            assertThat(document.createdAt()).isEqualTo(CREATED);
        }
    }

    @Example
    void anOlderVersionIsTheNextOneWithItsTypes() {
        Instant then = CREATED.plusSeconds(1);
        DocumentVersion older = new DocumentVersion(ID, 2, OTHER, "image/gif", then);
        for (DocumentStatus status : List.of(DocumentStatus.ACTIVE, DocumentStatus.ERROR)) {
            assertThat(document(status, true).republish(older, NOW))
                    .isEqualTo(new DocumentData(
                            ID,
                            "alice",
                            "name",
                            "image/gif",
                            OTHER,
                            DocumentStatus.ACTIVE,
                            METADATA,
                            4,
                            10,
                            CREATED,
                            NOW,
                            null));
        }
    }

    @Example
    void anOlderVersionIsNoneOfADocumentThatIsArchivedOrPendingNorTheCurrentOne() {
        DocumentVersion older = new DocumentVersion(ID, 2, OTHER, null, NOW);
        for (DocumentStatus status : List.of(DocumentStatus.PENDING, DocumentStatus.ARCHIVED)) {
            assertThatExceptionOfType(DocumentStatusException.class)
                    .isThrownBy(() -> document(status, true).republish(older, NOW))
                    .satisfies(e -> assertThat(e.from()).isEqualTo(status));
        }
        DocumentVersion current = new DocumentVersion(ID, 3, CONTENT, null, NOW);
        assertThatExceptionOfType(DocumentVersionException.class)
                .isThrownBy(() -> document(DocumentStatus.ACTIVE, true).republish(current, NOW))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(DocumentException.Kind.CURRENT_VERSION));
        document(DocumentStatus.ERROR, false).requireOlder(0);
    }

    @Example
    void ownersChangeNameMetadataAndStatusInOneRevision() {
        DocumentData active = document(DocumentStatus.ACTIVE, true);

        DocumentData archived = active.amend("new name", Metadata.EMPTY, DocumentStatus.ARCHIVED, NOW);

        assertThat(archived.status()).isEqualTo(DocumentStatus.ARCHIVED);
        assertThat(archived.name()).isEqualTo("new name");
        assertThat(archived.metadata()).isEqualTo(Metadata.EMPTY);
        assertThat(archived.revision()).isEqualTo(active.revision() + 1);
        assertThat(archived.amend("back", METADATA, DocumentStatus.ACTIVE, NOW).status())
                .isEqualTo(DocumentStatus.ACTIVE);
    }

    @Example
    void keepsTimesInWholeMilliseconds() {
        DocumentData document =
                DocumentData.pending(ID, "alice", "name", null, METADATA, CREATED.plus(999, ChronoUnit.MICROS));

        assertThat(document.createdAt()).isEqualTo(CREATED);
        assertThat(document.fail("damaged", NOW.plusNanos(1)).updatedAt()).isEqualTo(NOW);
    }

    @Example
    void refusesValuesThatContradictEachOther() {
        assertThatIllegalArgumentException().isThrownBy(() -> built(CONTENT, DocumentStatus.ACTIVE, 1, 0, null));
        assertThatIllegalArgumentException().isThrownBy(() -> built(CONTENT, DocumentStatus.ACTIVE, 1, -1, null));
        assertThatIllegalArgumentException().isThrownBy(() -> built(CONTENT, DocumentStatus.ACTIVE, -1, 1, null));
        assertThatIllegalArgumentException().isThrownBy(() -> built(CONTENT, DocumentStatus.ACTIVE, 0, 1, null));
        assertThatIllegalArgumentException().isThrownBy(() -> built(null, DocumentStatus.PENDING, 1, 1, null));
        assertThatIllegalArgumentException().isThrownBy(() -> built(null, DocumentStatus.ACTIVE, 0, 1, null));
        assertThatIllegalArgumentException().isThrownBy(() -> built(CONTENT, DocumentStatus.ERROR, 1, 1, null));
        assertThatIllegalArgumentException().isThrownBy(() -> built(CONTENT, DocumentStatus.ARCHIVED, 1, 1, "why"));
        for (String type : List.of("", "text", "Text/Plain", "text/plain; charset=utf-8")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> DocumentData.pending(ID, "alice", "name", type, METADATA, NOW));
        }
        assertThatExceptionOfType(DocumentValidationException.class)
                .isThrownBy(() -> DocumentData.pending(ID, "", "name", null, METADATA, NOW))
                .satisfies(e -> assertThat(e.problems().get(0).field()).isEqualTo("user_id"));
        assertThatExceptionOfType(DocumentValidationException.class)
                .isThrownBy(() -> DocumentData.pending(ID, "alice", "", null, METADATA, NOW))
                .satisfies(e -> assertThat(e.problems().get(0).field()).isEqualTo("name"));
    }

    @Example
    void refusesContentThatCannotBe() {
        StorageUrl url = new StorageUrl("main", "one");
        String sha256 = CONTENT.sha256();
        assertThatIllegalArgumentException().isThrownBy(() -> new Content(url, "text", 1, sha256));
        assertThatIllegalArgumentException().isThrownBy(() -> new Content(url, "text/plain", -1, sha256));
        assertThatIllegalArgumentException().isThrownBy(() -> new Content(url, "text/plain", 1, sha256 + "0"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Content(url, "text/plain", 1, sha256.toUpperCase(Locale.ROOT)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Content(url, "text/plain", 1, sha256, "text/csv; header=present", null));
        assertThatExceptionOfType(DocumentValidationException.class)
                .isThrownBy(() -> new Content(url, "text/plain", 1, sha256, null, "ü".repeat(1001)));
        assertThatExceptionOfType(DocumentValidationException.class)
                .isThrownBy(() -> new Content(url, "text/plain", 1, sha256, null, "two\nlines"));
    }

    @Example
    void contentServedAsAnotherTypeIsTheSameOtherwise() {
        Content content = new Content(CONTENT.url(), "text/plain", 5, CONTENT.sha256(), "text/csv", "clean");
        assertThat(content.servedAs("text/csv"))
                .isEqualTo(new Content(CONTENT.url(), "text/csv", 5, CONTENT.sha256(), "text/csv", "clean"));
    }

    private static DocumentData document(DocumentStatus status, boolean content) {
        return built(
                content ? CONTENT : null,
                status,
                content ? 3 : 0,
                9,
                status == DocumentStatus.ERROR ? "upload failed" : null);
    }

    private static DocumentData built(
            @Nullable Content content, DocumentStatus status, int version, long revision, @Nullable String reason) {
        return new DocumentData(
                ID,
                "alice",
                "name",
                "text/css",
                content,
                status,
                METADATA,
                version,
                revision,
                CREATED,
                CREATED,
                reason);
    }
}
