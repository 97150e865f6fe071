package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.SMALL;
import static dev.docs.application.House.contentOf;
import static dev.docs.application.House.failure;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.conformance.SimpleMediaTypeDetector;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentTypeException;
import dev.docs.domain.MediaTypeDetector;
import dev.docs.domain.MediaTypePolicy;
import dev.docs.domain.Metadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What becomes of declared and detected types on the way in, and who is refused. */
class ContentTypesTest {
    private static final int HUGE = 3_000_000;

    private final House house = new House();
    private final DocumentService documents = house(new SimpleMediaTypeDetector(), MediaTypePolicy.ANY);

    @ParameterizedTest
    @ValueSource(ints = {100, SMALL, SMALL + 1, 4096, LARGE})
    void declared_detected_and_effective_are_kept_apart(int size) {
        DocumentData created = create(documents, "report.exe", "application/pdf", "MZ", size);

        assertThat(created.declaredType()).isEqualTo("application/pdf");
        assertThat(contentOf(created).detectedType()).isEqualTo("application/x-msdownload");
        assertThat(created.mimeType()).isEqualTo("application/x-msdownload");
        assertThat(house.now(created)).isEqualTo(created);
        assertThat(house.bytesOf(created)).isEqualTo(bytes("MZ", size));
        assertThat(house.rows.version(created.id(), 1).orElseThrow().content()).isEqualTo(created.content());
        house.requireNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, LARGE})
    void the_name_helps_to_tell(int size) {
        assertThat(create(documents, "table.CSV", "text/plain", "a,b\n", size).mimeType())
                .isEqualTo("text/csv");
        assertThat(create(documents, "table.csv", null, "%PDF-", size).mimeType())
                .isEqualTo("application/pdf");
    }

    @Test
    void nothing_is_detected_in_nothing_and_its_sender_is_believed() {
        DocumentData empty = create(documents, "empty.pdf", "application/pdf", "", 0);

        assertThat(empty.mimeType()).isEqualTo("application/pdf");
        assertThat(contentOf(empty).detectedType()).isNull();
    }

    @Test
    void a_detector_that_sees_less_than_is_inline_sees_what_it_asked_for() {
        AtomicLong seen = new AtomicLong();
        DocumentService some = house(
                new Watching() {
                    @Override
                    public int headBytes() {
                        return 10;
                    }

                    @Override
                    public Optional<String> detect(ByteBuffer head, String name) {
                        seen.set(head.remaining());
                        return Optional.of("a/b");
                    }
                },
                MediaTypePolicy.ANY);

        create(some, "a", null, "text", 5);
        assertThat(seen).hasValue(5);
        create(some, "a", null, "text", SMALL);
        assertThat(seen).hasValue(10);
        create(some, "a", null, "text", LARGE);
        assertThat(seen).hasValue(10);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, LARGE, HUGE})
    void a_type_that_is_not_allowed_costs_nothing(int size) {
        DocumentService strict = house(new SimpleMediaTypeDetector(), MediaTypePolicy.allowing("application/pdf"));
        Counting source = new Counting(bytes("MZ", size));

        DocumentTypeException refused = (DocumentTypeException) failure(() -> strict.create(
                ANN, NewDocument.named("a.pdf"), NewContent.of(source).withType("application/pdf")));

        assertThat(refused.kind()).isEqualTo(Kind.TYPE_NOT_ALLOWED);
        assertThat(refused)
                .hasMessageContaining("application/x-msdownload")
                .hasMessageContaining("allowed are application/pdf");
        assertThat(source.read).as("no more is read than shows the type").isLessThanOrEqualTo(4096);
        assertThat(house.rows.usage("ann")).isEqualTo(house.rows.recount("ann"));
        assertThat(house.rows.usage("ann").usedBytes()).isZero();
        house.requireNothingLeft();

        assertThat(create(strict, "a", "image/png", "%PDF-", size).mimeType())
                .as("a wrong claim about right bytes is but corrected")
                .isEqualTo("application/pdf");
    }

    @ParameterizedTest
    @ValueSource(ints = {100, LARGE})
    void content_that_is_refused_leaves_the_document_as_it_was(int size) {
        DocumentService strict = house(new SimpleMediaTypeDetector(), MediaTypePolicy.denying("text/html"));
        DocumentData reserved =
                strict.reserve(ANN, new NewDocument(null, "page", "text/plain", Metadata.EMPTY, 70_000L));
        assertThat(house.rows.usage("ann").reservedBytes()).isEqualTo(70_000);

        assertThat(kind(() -> replace(strict, reserved, content("text/plain", "<html", size))))
                .isEqualTo(Kind.TYPE_NOT_ALLOWED);

        assertThat(house.now(reserved)).isEqualTo(reserved);
        assertThat(reserved.status()).isEqualTo(DocumentStatus.PENDING);
        assertThat(house.rows.usage("ann").reservedBytes()).isEqualTo(70_000);
        assertThat(house.stored()).isEmpty();

        DocumentData active = replace(strict, reserved, content(null, "words", size));
        assertThat(active.mimeType()).isEqualTo("text/plain");
        assertThat(kind(() -> replace(strict, active, content(null, "<html", size))))
                .isEqualTo(Kind.TYPE_NOT_ALLOWED);
        assertThat(house.now(active)).isEqualTo(active);
        house.requireNothingLeft();
    }

    @Test
    void a_promise_of_what_is_not_allowed_is_refused_and_one_that_says_nothing_is_not() {
        DocumentService strict = house(new SimpleMediaTypeDetector(), MediaTypePolicy.allowing("image/*"));

        assertThat(kind(() -> reserve(strict, "text/plain"))).isEqualTo(Kind.TYPE_NOT_ALLOWED);
        assertThat(house.rows.usage("ann").documents().get(DocumentStatus.PENDING))
                .isZero();

        assertThat(reserve(strict, "image/gif").status()).isEqualTo(DocumentStatus.PENDING);
        assertThat(reserve(strict, null).status()).isEqualTo(DocumentStatus.PENDING);
        assertThat(reserve(strict, "application/octet-stream").status()).isEqualTo(DocumentStatus.PENDING);
    }

    @Test
    void a_call_may_allow_less_than_the_application_and_not_more() {
        DocumentService strict = house(new SimpleMediaTypeDetector(), MediaTypePolicy.denying("text/html"));
        MediaTypePolicy pictures = MediaTypePolicy.allowing("image/*");
        NewDocument document = NewDocument.named("a");

        assertThat(kind(() ->
                        strict.create(ANN, document, content(null, "%PDF-", 100).admittedBy(pictures))))
                .isEqualTo(Kind.TYPE_NOT_ALLOWED);
        assertThat(kind(() -> strict.create(
                        ANN, document, content(null, "<html", 100).admittedBy(MediaTypePolicy.allowing("*/*")))))
                .isEqualTo(Kind.TYPE_NOT_ALLOWED);
        assertThat(strict.create(ANN, document, content(null, "<svg", 100).admittedBy(pictures))
                        .mimeType())
                .isEqualTo("image/svg+xml");
    }

    @Test
    void where_nobody_looks_a_claim_that_is_not_allowed_is_refused_unread() {
        DocumentService blind = house(MediaTypeDetector.NONE, MediaTypePolicy.allowing("image/*"));
        NewContent unread = TestContent.untouchable().withType("text/plain");
        DocumentData pending = reserve(blind, null);

        assertThat(kind(() -> blind.create(ANN, NewDocument.named("a"), unread)))
                .isEqualTo(Kind.TYPE_NOT_ALLOWED);
        assertThat(kind(() -> replace(blind, pending, unread))).isEqualTo(Kind.TYPE_NOT_ALLOWED);

        DocumentData active = replace(blind, pending, content("image/png", "MZ", LARGE));
        assertThat(active.mimeType()).isEqualTo("image/png");
        assertThat(contentOf(active).detectedType()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, LARGE})
    void a_type_that_came_with_another_version_meanwhile_must_be_allowed_too(int size) {
        MediaTypePolicy noTables = MediaTypePolicy.denying("text/csv");
        DocumentData first = create(documents, "a", "text/plain", "words", LARGE);

        NewContent slow = NewContent.of(new Counting(bytes("words", size)) {
                    @Override
                    void end() {
                        replace(documents, first, content("text/csv", "a,b", 10));
                    }
                })
                .admittedBy(noTables);
        assertThat(kind(() -> replace(documents, first, slow))).isEqualTo(Kind.TYPE_NOT_ALLOWED);

        assertThat(house.now(first).version()).isEqualTo(2);
        house.requireNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, LARGE})
    void a_key_answers_again_and_a_refusal_is_not_kept(int size) {
        DocumentService strict = house(new SimpleMediaTypeDetector(), MediaTypePolicy.allowing("application/pdf"));
        NewDocument document = NewDocument.named("a");

        assertThat(kind(() -> strict.create(ANN, document, content("application/pdf", "MZ", size), "key")))
                .isEqualTo(Kind.TYPE_NOT_ALLOWED);
        Outcome first = strict.create(ANN, document, content("application/pdf", "%PDF-", size), "key");
        Outcome again = strict.create(ANN, document, content("application/pdf", "%PDF-", size), "key");

        assertThat(first.replayed()).isFalse();
        assertThat(again).isEqualTo(new Outcome(first.document(), true));
        assertThat(contentOf(again.document()).detectedType()).isEqualTo("application/pdf");
    }

    private DocumentService house(MediaTypeDetector detector, MediaTypePolicy policy) {
        return Docs.builder()
                .repository(house.rows)
                .store("main", house.store)
                .limits(House.LIMITS)
                .mediaTypeDetector(detector)
                .mediaTypePolicy(policy)
                .clock(house.clock)
                .build()
                .documents();
    }

    private static DocumentData create(
            DocumentService service, String name, @Nullable String declared, String start, int size) {
        return service.create(ANN, NewDocument.named(name), content(declared, start, size));
    }

    private static DocumentData replace(DocumentService service, DocumentData document, NewContent content) {
        return service.replaceContent(ANN, document.id(), Precondition.NONE, content);
    }

    private static DocumentData reserve(DocumentService service, @Nullable String declared) {
        return service.reserve(ANN, new NewDocument(null, "a", declared, Metadata.EMPTY, null));
    }

    private static NewContent content(@Nullable String declared, String start, int size) {
        NewContent content = NewContent.of(bytes(start, size));
        return declared == null ? content : content.withType(declared);
    }

    private static byte[] bytes(String start, int size) {
        byte[] bytes = start.getBytes(StandardCharsets.UTF_8);
        int text = bytes.length;
        bytes = Arrays.copyOf(bytes, size);
        Arrays.fill(bytes, Math.min(text, size), size, (byte) 'x');
        return bytes;
    }

    /** A source that says how much was taken from it, and what happens at its end. */
    private static class Counting implements ReadableByteChannel {
        private final ByteBuffer bytes;
        private boolean ended;
        private long read;

        Counting(byte[] bytes) {
            this.bytes = ByteBuffer.wrap(bytes);
        }

        void end() {}

        @Override
        public int read(ByteBuffer target) {
            if (!bytes.hasRemaining()) {
                if (!ended) {
                    ended = true;
                    end();
                }
                return -1;
            }
            int count = Math.min(bytes.remaining(), target.remaining());
            target.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            read += count;
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private abstract static class Watching implements MediaTypeDetector {
        @Override
        public boolean isKindOf(String type, String general) {
            return type.equals(general);
        }

        @Override
        public boolean recognizes(String type) {
            return false;
        }
    }
}
