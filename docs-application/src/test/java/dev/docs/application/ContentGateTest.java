package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.SMALL;
import static dev.docs.application.House.contentOf;
import static dev.docs.application.House.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.domain.ContentGate;
import dev.docs.domain.ContentGate.Verdict;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentEvent;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Quota;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** What gates see, and that nothing gets past them. */
final class ContentGateTest {
    private static final NewDocument DOCUMENT = NewDocument.named("a");

    private final House house = new House();
    private final List<DocumentEvent> told = new ArrayList<>();

    private DocumentService behind(ContentGate... gates) {
        return docs(house.rows, House.LEASE, gates).documents();
    }

    private Docs docs(DocumentRepository rows, Duration lease, ContentGate... gates) {
        Docs.Builder builder = Docs.builder()
                .repository(rows)
                .store("main", house.store)
                .limits(House.LIMITS)
                .uploadLease(lease)
                .uploadExpiry(House.EXPIRY)
                .purgeGrace(House.GRACE)
                .listener(told::add)
                .clock(house.clock);
        List.of(gates).forEach(builder::contentGate);
        return builder.build();
    }

    private DocumentData replace(DocumentService documents, DocumentData document, NewContent content) {
        return documents.replaceContent(ANN, document.id(), Precondition.NONE, content);
    }

    private static byte[] all(ContentGate.Bytes bytes) {
        return TestContent.read(bytes.open());
    }

    // What a gate sees

    @ParameterizedTest
    @ValueSource(ints = {0, SMALL, LARGE})
    void a_gate_sees_the_document_as_it_will_be_and_all_its_bytes_before_anybody_else_does(int size) {
        List<DocumentData> seen = new ArrayList<>();
        DocumentService documents = behind((document, bytes) -> {
            seen.add(document);
            assertThat(all(bytes)).isEqualTo(TestContent.bytes(size, 0));
            assertThat(house.rows.count(DocumentQuery.of("ann"), 9)).isZero();
            assertThat(house.rows.version(document.id(), document.version())).isEmpty();
            return Verdict.accept();
        });

        DocumentData created = documents.create(ANN, DOCUMENT, TestContent.unknown(size));

        assertThat(seen).containsExactly(created);
        assertThat(created.sizeBytes()).isEqualTo(size);
        assertThat(contentOf(created).verdict()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_new_version_is_inspected_while_the_old_one_can_be_read(int size) {
        DocumentData before = house.create("a", SMALL);
        DocumentService documents = behind((document, bytes) -> {
            assertThat(document.version()).isEqualTo(2);
            assertThat(house.now(before)).isEqualTo(before);
            return Verdict.accept("clean");
        });

        DocumentData after = replace(documents, before, TestContent.unknown(size));

        assertThat(contentOf(after).verdict()).isEqualTo("clean");
        assertThat(house.now(after)).isEqualTo(after);
        assertThat(house.rows.version(after.id(), 2).orElseThrow().content()).isEqualTo(after.content());
        assertThat(contentOf(before).verdict()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_gate_may_read_a_part_or_several_times_or_nothing_and_leave_channels_open(int size) {
        List<ReadableByteChannel> left = new ArrayList<>();
        List<ContentGate.Bytes> kept = new ArrayList<>();
        DocumentService documents = behind(
                (document, bytes) -> {
                    ReadableByteChannel part = bytes.open();
                    assertThat(part.read(ByteBuffer.allocate(10))).isEqualTo(10);
                    left.add(part);
                    bytes.open().close();
                    assertThat(all(bytes)).hasSize(size);
                    kept.add(bytes);
                    return Verdict.accept();
                },
                (document, bytes) -> Verdict.accept());

        DocumentData created = documents.create(ANN, DOCUMENT, TestContent.unknown(size));

        assertThat(house.bytesOf(created)).isEqualTo(TestContent.bytes(size, 0));
        assertThat(left.get(0).isOpen()).isFalse();
        assertThatThrownBy(() -> left.get(0).read(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> kept.get(0).open()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void gates_are_asked_in_order_and_what_they_say_is_kept_together() {
        List<String> asked = new ArrayList<>();
        DocumentService documents = behind(
                (document, bytes) -> {
                    asked.add("first");
                    return Verdict.accept("clean");
                },
                (document, bytes) -> {
                    asked.add("second");
                    return Verdict.accept();
                },
                (document, bytes) -> {
                    asked.add("third");
                    return Verdict.accept("no\nmacros");
                });

        DocumentData created = documents.create(ANN, DOCUMENT, TestContent.known(LARGE));

        assertThat(asked).containsExactly("first", "second", "third");
        assertThat(contentOf(created).verdict()).isEqualTo("clean; no macros");
    }

    @Test
    void a_long_verdict_is_cut() {
        DocumentService documents =
                behind((d, b) -> Verdict.accept("x".repeat(2000)), (d, b) -> Verdict.accept("y".repeat(900)));

        DocumentData created = documents.create(ANN, DOCUMENT, TestContent.known(LARGE));

        assertThat(contentOf(created).verdict()).isEqualTo("x".repeat(1000));
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void what_is_not_as_announced_is_refused_without_asking(int size) {
        DocumentService documents = behind((document, bytes) -> {
            throw new AssertionError("a gate was asked");
        });

        DocumentException refused =
                failure(() -> documents.create(ANN, DOCUMENT, TestContent.announcing(size, size + 1L, null)));

        assertThat(refused.kind()).isEqualTo(Kind.CONTENT_MISMATCH);
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_repetition_under_a_key_is_answered_with_the_verdict_and_not_inspected_again(int size) {
        List<DocumentData> seen = new ArrayList<>();
        DocumentService documents = behind((document, bytes) -> {
            seen.add(document);
            return Verdict.accept("clean");
        });

        Outcome first = documents.create(ANN, DOCUMENT, TestContent.known(size), "key");
        Outcome second = documents.create(ANN, DOCUMENT, TestContent.known(size), "key");

        assertThat(seen).hasSize(1);
        assertThat(second).isEqualTo(new Outcome(first.document(), true));
    }

    // Refusal and failure

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void refused_content_leaves_nothing(int size) {
        List<String> asked = new ArrayList<>();
        DocumentService documents = behind(
                (document, bytes) -> Verdict.accept("clean"),
                (document, bytes) -> Verdict.refuse("a virus"),
                (document, bytes) -> {
                    asked.add("a gate behind the one that refused");
                    return Verdict.accept();
                });

        DocumentException refused = failure(() -> documents.create(ANN, DOCUMENT, TestContent.unknown(size)));

        assertThat(refused.kind()).isEqualTo(Kind.CONTENT_REFUSED);
        assertThat(refused).hasMessage("the content was refused: a virus");
        assertThat(asked).isEmpty();
        assertThat(told).isEmpty();
        requireNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_refused_version_leaves_the_document_as_it_was(int size) {
        DocumentData before = house.create("a", LARGE);
        DocumentService documents = behind((document, bytes) -> Verdict.refuse("a virus"));

        assertThat(failure(() -> replace(documents, before, TestContent.unknown(size)))
                        .kind())
                .isEqualTo(Kind.CONTENT_REFUSED);

        assertThat(house.now(before)).isEqualTo(before);
        house.requireNothingLeft();
    }

    @Test
    void a_document_that_waited_for_refused_content_says_why_it_failed() {
        DocumentService documents = behind((document, bytes) -> Verdict.refuse("a virus"));
        DocumentData reserved = documents.reserve(ANN, DOCUMENT);

        failure(() -> replace(documents, reserved, TestContent.unknown(LARGE)));

        DocumentData failed = house.now(reserved);
        assertThat(failed.status()).isEqualTo(DocumentStatus.ERROR);
        assertThat(failed.statusReason()).isEqualTo("the content was refused: a virus");
        assertThat(told)
                .extracting(DocumentEvent::kind)
                .containsExactly(DocumentEvent.Kind.RESERVED, DocumentEvent.Kind.FAILED);
        house.requireNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_gate_that_fails_lets_nothing_in(int size) {
        List<ContentGate> failing = List.of(
                (document, bytes) -> {
                    throw new IOException("the scanner is away");
                },
                (document, bytes) -> {
                    throw new IllegalStateException("a mistake in the gate");
                },
                (document, bytes) -> {
                    throw new NoClassDefFoundError("not even an exception");
                },
                (document, bytes) -> Verdict.refuse(" "),
                ContentGateTest::silent);
        for (ContentGate gate : failing) {
            DocumentService documents = behind((document, bytes) -> Verdict.accept(), gate);

            DocumentException failed = failure(() -> documents.create(ANN, DOCUMENT, TestContent.unknown(size), "key"));

            assertThat(failed.kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(failed).hasMessage("the content could not be inspected, and so was not let in");
            requireNothing();
        }
        // the key is free for another attempt
        assertThat(behind().create(ANN, DOCUMENT, TestContent.unknown(size), "key")
                        .replayed())
                .isFalse();
    }

    @SuppressWarnings("NullAway") // what a host without the checker may do
    private static Verdict silent(DocumentData document, ContentGate.Bytes bytes) {
        return null;
    }

    @Test
    void an_interrupted_gate_leaves_its_thread_interrupted() {
        DocumentService documents = behind((document, bytes) -> {
            throw new InterruptedException();
        });

        assertThat(failure(() -> documents.create(ANN, DOCUMENT, TestContent.unknown(SMALL)))
                        .kind())
                .isEqualTo(Kind.UNAVAILABLE);
        assertThat(Thread.interrupted()).isTrue();
    }

    // Time

    @Test
    void an_upload_outlives_its_lease_for_as_long_as_a_gate_takes() {
        Duration lease = Duration.ofMillis(60);
        Semaphore renewed = new Semaphore(0);
        UnaryOperator<DocumentRepository> watched = rows -> new ForwardingRepository(rows) {
            @Override
            public void extend(UUID uploadId, long moreBytes, Duration each, Quota defaultQuota) {
                super.extend(uploadId, moreBytes, each, defaultQuota);
                renewed.release();
            }
        };
        Docs docs = docs(watched.apply(house.rows), lease, (document, bytes) -> {
            for (int i = 0; i < 10; i++) {
                // one may have been under way while the clock moved
                house.clock.advance(lease.dividedBy(2));
                renewed.drainPermits();
                assertThat(renewed.tryAcquire(2, 30, TimeUnit.SECONDS))
                        .as("the lease is renewed")
                        .isTrue();
                assertThat(house.housekeeping.sweep().uploadsEnded()).isZero();
            }
            return Verdict.accept("clean at last");
        });

        DocumentData created = docs.documents().create(ANN, DOCUMENT, TestContent.unknown(LARGE));

        assertThat(contentOf(created).verdict()).isEqualTo("clean at last");
        assertThat(house.bytesOf(created)).hasSize(LARGE);
        house.requireNothingLeft();
    }

    @Test
    void an_upload_that_the_sweep_has_ended_is_not_published_whatever_the_gate_says() {
        DocumentService documents = behind((document, bytes) -> {
            house.clock.advance(House.LEASE.plusSeconds(1));
            assertThat(house.housekeeping.sweep().uploadsEnded()).isEqualTo(1);
            return Verdict.accept();
        });

        assertThat(failure(() -> documents.create(ANN, DOCUMENT, TestContent.unknown(LARGE)))
                        .kind())
                .isEqualTo(Kind.UPLOAD_EXPIRED);

        assertThat(house.stored()).isEmpty();
    }

    @Test
    void a_slow_gate_keeps_nobody_from_changing_the_document() {
        DocumentData before = house.create("a", LARGE);
        DocumentService[] documents = new DocumentService[1];
        documents[0] = behind((document, bytes) -> {
            Thread other = new Thread(
                    () -> documents[0].change(ANN, before.id(), Precondition.NONE, DocumentChanges.name("renamed")));
            other.start();
            other.join(TimeUnit.SECONDS.toMillis(30));
            assertThat(other.isAlive()).isFalse();
            return Verdict.accept();
        });

        DocumentData after = replace(documents[0], before, TestContent.unknown(SMALL));

        assertThat(after.name()).isEqualTo("renamed");
        assertThat(after.version()).isEqualTo(2);
    }

    private void requireNothing() {
        assertThat(house.stored()).isEmpty();
        assertThat(house.rows.usage("ann").usedBytes()).isZero();
        assertThat(Objects.requireNonNull(house.rows.usage("ann").documents().get(DocumentStatus.PENDING)))
                .isZero();
        house.requireNothingLeft();
    }
}
