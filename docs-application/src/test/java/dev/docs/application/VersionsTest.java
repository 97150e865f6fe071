package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.BOB;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.LIMITS;
import static dev.docs.application.House.SMALL;
import static dev.docs.application.House.contentOf;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.conformance.ForwardingStorage;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.AccessPolicy;
import dev.docs.domain.AccessPolicy.Action;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Quota;
import dev.docs.domain.StorageUrl;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/** Older versions that become current again, or go. */
final class VersionsTest {
    private static final String KEY = "the-key";

    private House house = new House();

    // Restoring

    @ParameterizedTest
    @ValueSource(ints = {0, SMALL, LARGE})
    void an_older_version_is_the_next_one_and_shares_its_bytes(int size) {
        DocumentData first = typed(size, "text/html");
        DocumentData second = house.replace(first, TestContent.known(10).withType("image/png"));
        List<StorageUrl> stored = house.stored();
        house.clock.advance(House.LEASE);

        DocumentData third = restore(second, 1);

        assertThat(third.version()).isEqualTo(3);
        assertThat(third.revision()).isEqualTo(second.revision() + 1);
        assertThat(third.content()).isEqualTo(first.content());
        assertThat(third.mimeType()).isEqualTo("text/html");
        assertThat(third.declaredType()).isEqualTo("text/html");
        assertThat(third.updatedAt()).isEqualTo(house.clock.instant());
        assertThat(house.now(first)).isEqualTo(third);
        assertThat(house.bytesOf(third)).isEqualTo(TestContent.bytes(size, 0));
        assertThat(house.stored()).isEqualTo(stored);
        assertThat(numbers(first)).containsExactly(3, 2, 1);
        assertThat(house.rows.usage("ann").usedBytes()).isEqualTo(2L * size + 10);
        house.requireHonestUsage("ann");
    }

    @Test
    void what_is_restored_has_to_fit_into_the_quota() {
        house = new House(LIMITS.withQuotaBytes(2L * LARGE + SMALL));
        DocumentData second = second(LARGE, SMALL + 1);

        assertThat(kind(() -> restore(second, 1))).isEqualTo(Kind.QUOTA_EXCEEDED);
        assertThat(house.now(second)).isEqualTo(second);
        house.documents.setQuota(House.ROOT, "ann", own -> own.withBytes(2L * LARGE + SMALL + 1));

        restore(second, 1);
        house.requireHonestUsage("ann");
    }

    @Test
    void only_an_older_version_of_a_document_that_takes_content_is_restored() {
        DocumentData second = second(LARGE, SMALL);

        assertThat(kind(() -> restore(second, 2))).isEqualTo(Kind.CURRENT_VERSION);
        for (int number : new int[] {-1, 0, 3}) {
            assertThat(kind(() -> restore(second, number))).isEqualTo(Kind.NOT_FOUND);
        }
        assertThat(kind(() -> house.documents.restoreVersion(ANN, new UUID(0, 1), 1, Precondition.NONE)))
                .isEqualTo(Kind.NOT_FOUND);
        Precondition stale = Precondition.revision(second.revision() - 1);
        assertThat(kind(() -> house.documents.restoreVersion(ANN, second.id(), 1, stale)))
                .isEqualTo(Kind.CONFLICT);
        DocumentData archived = house.documents.archive(ANN, second.id(), Precondition.NONE);
        assertThat(kind(() -> restore(archived, 1))).isEqualTo(Kind.STATUS);
        assertThat(house.now(second)).isEqualTo(archived);
        house.requireNothingLeft();
    }

    @Test
    void nothing_is_restored_while_a_failed_document_is_sent_again() {
        DocumentData second = house.in(second(LARGE, SMALL), DocumentStatus.ERROR);
        NewContent content = NewContent.of(TestContent.then(LARGE, () -> {
            assertThat(kind(() -> restore(second, 1))).isEqualTo(Kind.STATUS);
            return -1;
        }));

        assertThat(house.replace(second, content).version()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_failed_document_is_whole_again_with_older_bytes_that_are(int size) {
        DocumentData second = second(size, LARGE);
        house.store.flip(contentOf(second).url(), 7);
        house.integrity.verify(second.id());
        DocumentData failed = house.now(second);
        assertThat(failed.status()).isEqualTo(DocumentStatus.ERROR);

        DocumentData third =
                house.documents.restoreVersion(ANN, second.id(), 1, Precondition.revision(failed.revision()));

        assertThat(third.status()).isEqualTo(DocumentStatus.ACTIVE);
        assertThat(third.statusReason()).isNull();
        assertThat(house.bytesOf(third)).isEqualTo(TestContent.bytes(size, 0));
        house.requireHonestUsage("ann");
    }

    /** Its size is right, so it takes reading to find out. */
    @Test
    void a_failed_document_stays_so_if_the_older_bytes_are_damaged_too() {
        DocumentData first = house.create("a", LARGE);
        DocumentData second = house.in(house.replace(first, TestContent.known(SMALL)), DocumentStatus.ERROR);
        house.store.flip(contentOf(first).url(), LARGE - 1);

        assertThat(kind(() -> restore(second, 1))).isEqualTo(Kind.CONTENT_LOST);

        assertThat(house.now(second).status()).isEqualTo(DocumentStatus.ERROR);
        assertThat(house.now(second).version()).isEqualTo(2);
    }

    @Test
    void what_is_not_there_is_not_restored() {
        DocumentData first = house.create("a", LARGE);
        DocumentData second = house.replace(first, TestContent.known(SMALL));
        house.store.delete(contentOf(first).url());

        assertThat(kind(() -> restore(second, 1))).isEqualTo(Kind.CONTENT_LOST);

        assertThat(house.now(second)).isEqualTo(second);
    }

    @Test
    void a_document_that_fails_just_before_its_older_version_is_restored_is_not_healed_unread() {
        Damaging store = new Damaging(house.store);
        house = new House(LIMITS, house.store, rows -> rows, any -> store, House.LEASE);
        DocumentData first = house.create("a", LARGE);
        DocumentData second = house.replace(first, TestContent.known(LARGE + 1));
        store.onSize = () -> {
            house.store.flip(contentOf(first).url(), 3);
            house.in(second, DocumentStatus.ERROR);
        };

        assertThat(kind(() -> restore(second, 1))).isEqualTo(Kind.CONTENT_LOST);

        assertThat(house.now(second).status()).isEqualTo(DocumentStatus.ERROR);
    }

    /** Does something once, when it is first asked for a size. */
    private static final class Damaging extends ForwardingStorage {
        private Runnable onSize = () -> {};

        Damaging(InMemoryStorage store) {
            super(store);
        }

        @Override
        public OptionalLong size(StorageUrl url) {
            OptionalLong size = super.size(url);
            Runnable once = onSize;
            onSize = () -> {};
            once.run();
            return size;
        }
    }

    // Keys, and answers that are lost

    @Test
    void a_version_is_restored_once_under_a_key() {
        DocumentData second = second(LARGE, SMALL);
        Precondition unchanged = Precondition.revision(second.revision());

        Outcome first = house.documents.restoreVersion(ANN, second.id(), 1, unchanged, KEY);
        Outcome again = house.documents.restoreVersion(ANN, second.id(), 1, unchanged, KEY);

        assertThat(first.replayed()).isFalse();
        assertThat(again).isEqualTo(new Outcome(first.document(), true));
        assertThat(numbers(second)).containsExactly(3, 2, 1);
        assertThat(kind(() -> house.documents.restoreVersion(ANN, second.id(), 2, Precondition.NONE, KEY)))
                .isEqualTo(Kind.KEY_REUSED);
        assertThat(kind(() -> house.documents.restoreVersion(ANN, second.id(), 1, Precondition.NONE, KEY, 1)))
                .isEqualTo(Kind.KEY_REUSED);
        house.documents.purge(ANN, second.id(), Precondition.NONE);
        assertThat(house.documents.restoreVersion(ANN, second.id(), 1, unchanged, KEY))
                .isEqualTo(again);
    }

    @Test
    void a_request_that_its_twin_overtakes_gets_the_twins_answer() {
        DocumentData[] second = {null};
        house = new House(rows -> new ForwardingRepository(rows) {
            private boolean isTwin;

            @Override
            public void republish(DocumentData document, int from, Quota defaults, IdempotencyKey.@Nullable Use use) {
                if (!isTwin) {
                    isTwin = true;
                    house.documents.restoreVersion(
                            ANN, document.id(), from, Precondition.revision(second[0].revision()), KEY);
                }
                super.republish(document, from, defaults, use);
            }
        });
        second[0] = second(LARGE, SMALL);

        Outcome outcome = house.documents.restoreVersion(
                ANN, second[0].id(), 1, Precondition.revision(second[0].revision()), KEY);

        assertThat(outcome).isEqualTo(new Outcome(house.now(second[0]), true));
        assertThat(numbers(second[0])).containsExactly(3, 2, 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_unknown_outcome_is_settled_by_reading_if_the_version_is_there(boolean made) {
        house = new House(rows -> new ForwardingRepository(rows) {
            @Override
            public void republish(DocumentData document, int from, Quota defaults, IdempotencyKey.@Nullable Use use) {
                if (made) {
                    super.republish(document, from, defaults, use);
                }
                throw DocumentStorageException.outcomeUnknown(null);
            }
        });
        DocumentData second = second(LARGE, SMALL);

        if (made) {
            assertThat(restore(second, 1)).isEqualTo(house.now(second));
        } else {
            assertThat(kind(() -> restore(second, 1))).isEqualTo(Kind.OUTCOME_UNKNOWN);
            assertThat(house.now(second)).isEqualTo(second);
        }
    }

    // Dropping

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_dropped_version_is_gone_with_its_use_and_its_bytes_follow(int size) {
        DocumentData second = second(size, LARGE + 1);

        drop(second, 1);

        assertThat(house.now(second)).isEqualTo(second);
        assertThat(numbers(second)).containsExactly(2);
        assertThat(kind(() -> house.documents.content(ANN, second.id(), 1))).isEqualTo(Kind.NOT_FOUND);
        assertThat(house.rows.usage("ann").usedBytes()).isEqualTo(LARGE + 1);
        house.clock.advance(House.GRACE);
        house.housekeeping.sweep();
        house.requireNothingLeft();
        assertThat(house.replace(second, TestContent.known(5)).version()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void shared_bytes_stay_until_the_last_version_that_has_them_goes(int size) {
        DocumentData third = restore(second(size, LARGE + 1), 1);

        drop(third, 1);
        house.clock.advance(House.GRACE);
        house.housekeeping.sweep();
        assertThat(house.bytesOf(third)).isEqualTo(TestContent.bytes(size, 0));
        DocumentData fourth = house.replace(third, TestContent.known(5));
        drop(fourth, 3);
        house.clock.advance(House.GRACE);
        house.housekeeping.sweep();

        assertThat(numbers(fourth)).containsExactly(4, 2);
        assertThat(house.stored()).hasSize(2);
        house.requireNothingLeft();
    }

    @Test
    void only_an_older_version_is_dropped_and_the_precondition_speaks_of_the_document() {
        DocumentData second = second(LARGE, SMALL);
        DocumentData third = house.replace(second, TestContent.known(5));

        assertThat(kind(() -> drop(third, 3))).isEqualTo(Kind.CURRENT_VERSION);
        for (int number : new int[] {-1, 0, 4}) {
            assertThat(kind(() -> drop(third, number))).isEqualTo(Kind.NOT_FOUND);
        }
        Precondition stale = Precondition.revision(second.revision());
        assertThat(kind(() -> house.documents.dropVersion(ANN, third.id(), 1, stale)))
                .isEqualTo(Kind.CONFLICT);
        assertThat(numbers(third)).containsExactly(3, 2, 1);

        Precondition unchanged = Precondition.revision(third.revision());
        house.documents.dropVersion(ANN, third.id(), 1, unchanged);
        house.documents.dropVersion(ANN, third.id(), 2, unchanged);
        assertThat(kind(() -> house.documents.dropVersion(ANN, third.id(), 2, unchanged)))
                .isEqualTo(Kind.NOT_FOUND);
        assertThat(numbers(third)).containsExactly(3);
        house.requireHonestUsage("ann");
    }

    @ParameterizedTest
    @EnumSource(names = {"ARCHIVED", "ERROR"})
    void a_version_is_dropped_in_whatever_status_its_document_is(DocumentStatus status) {
        DocumentData second = house.in(second(LARGE, SMALL), status);

        drop(second, 1);

        assertThat(house.now(second)).isEqualTo(second);
        assertThat(numbers(second)).containsExactly(2);
        house.requireHonestUsage("ann");
    }

    /** Its turn comes after the drop's: what it has read of the version holds no more. */
    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_version_that_is_dropped_while_it_is_restored_is_not_found(int size) {
        house = new House(rows -> new ForwardingRepository(rows) {
            @Override
            public void republish(DocumentData document, int from, Quota defaults, IdempotencyKey.@Nullable Use use) {
                rows.dropVersion(document.id(), from);
                super.republish(document, from, defaults, use);
            }
        });
        DocumentData second = second(size, LARGE);

        assertThat(kind(() -> restore(second, 1))).isEqualTo(Kind.NOT_FOUND);

        assertThat(house.now(second)).isEqualTo(second);
        house.requireHonestUsage("ann");
    }

    // Keeping so many

    @Test
    void only_the_newest_are_kept_where_a_call_says_so() {
        DocumentData document = house.create("a", LARGE);
        for (int i = 1; i <= 150; i++) {
            document = house.replace(document, TestContent.known(i));
        }

        Outcome replaced =
                house.documents.replaceContent(ANN, document.id(), Precondition.NONE, TestContent.known(7), null, 3);
        assertThat(numbers(document)).containsExactly(152, 151, 150);

        Outcome restored = house.documents.restoreVersion(ANN, document.id(), 150, Precondition.NONE, null, 1);
        assertThat(numbers(document)).containsExactly(153);

        assertThat(house.now(document)).isEqualTo(restored.document());
        assertThat(replaced.document().version()).isEqualTo(152);
        assertThat(house.bytesOf(document)).isEqualTo(TestContent.bytes(149, 0));
        house.clock.advance(House.GRACE);
        house.housekeeping.sweep();
        house.requireNothingLeft();
    }

    @Test
    void what_others_publish_meanwhile_is_neither_dropped_nor_counted() {
        house = new House(rows -> new ForwardingRepository(rows) {
            @Override
            public List<DocumentVersion> versions(UUID documentId, int before, int max) {
                if (before == 4) {
                    house.documents.replaceContent(ANN, documentId, Precondition.NONE, TestContent.known(9));
                }
                return super.versions(documentId, before, max);
            }
        });
        DocumentData second = second(LARGE, SMALL);

        house.documents.replaceContent(ANN, second.id(), Precondition.NONE, TestContent.known(5), null, 2);

        assertThat(numbers(second)).containsExactly(4, 3, 2);
    }

    @Test
    void a_repetition_drops_nothing() {
        DocumentData second = second(LARGE, SMALL);
        house.documents.replaceContent(ANN, second.id(), Precondition.NONE, TestContent.known(5), KEY, 2);
        house.documents.replaceContent(ANN, second.id(), Precondition.NONE, TestContent.known(6));

        assertThat(house.documents
                        .replaceContent(ANN, second.id(), Precondition.NONE, TestContent.known(5), KEY, 2)
                        .replayed())
                .isTrue();

        assertThat(numbers(second)).containsExactly(4, 3, 2);
        assertThat(kind(() ->
                        house.documents.replaceContent(ANN, second.id(), Precondition.NONE, TestContent.known(5), KEY)))
                .isEqualTo(Kind.KEY_REUSED);
    }

    @Test
    void a_new_version_stays_although_older_ones_could_not_be_dropped() {
        house = new House(rows -> new ForwardingRepository(rows) {
            @Override
            public boolean dropVersion(UUID documentId, int number) {
                throw DocumentStorageException.unavailable("the database is away", null);
            }
        });
        DocumentData second = second(LARGE, SMALL);

        DocumentData third = house.documents
                .replaceContent(ANN, second.id(), Precondition.NONE, TestContent.known(5), null, 1)
                .document();

        assertThat(house.now(second)).isEqualTo(third);
        assertThat(numbers(second)).containsExactly(3, 2, 1);
    }

    @Test
    void to_keep_no_version_is_refused_before_anything_is_read() {
        DocumentData second = second(LARGE, SMALL);

        assertThat(kind(() -> house.documents.replaceContent(
                        ANN, second.id(), Precondition.NONE, TestContent.untouchable(), null, 0)))
                .isEqualTo(Kind.INVALID);
        assertThat(kind(() -> house.documents.restoreVersion(ANN, second.id(), 1, Precondition.NONE, null, -1)))
                .isEqualTo(Kind.INVALID);
        assertThat(house.now(second)).isEqualTo(second);
    }

    @Test
    void one_who_may_write_but_not_purge_drops_nothing() {
        DocumentData second = second(LARGE, SMALL);
        AccessPolicy writers = (caller, action, userId, document) -> action == Action.READ || action == Action.WRITE;
        DocumentService documents = Docs.builder()
                .repository(house.rows)
                .store("main", house.store)
                .limits(LIMITS)
                .clock(house.clock)
                .accessPolicy(writers)
                .build()
                .documents();

        assertThat(kind(() -> documents.dropVersion(BOB, second.id(), 1, Precondition.NONE)))
                .isEqualTo(Kind.ACCESS_DENIED);
        assertThat(kind(() -> documents.replaceContent(
                        BOB, second.id(), Precondition.NONE, TestContent.untouchable(), null, 1)))
                .isEqualTo(Kind.ACCESS_DENIED);
        assertThat(kind(() -> documents.restoreVersion(BOB, second.id(), 1, Precondition.NONE, null, 1)))
                .isEqualTo(Kind.ACCESS_DENIED);
        assertThat(house.now(second)).isEqualTo(second);
        assertThat(documents
                        .restoreVersion(BOB, second.id(), 1, Precondition.NONE)
                        .version())
                .isEqualTo(3);
        assertThat(numbers(second)).containsExactly(3, 2, 1);
    }

    private DocumentData typed(int size, String type) {
        return house.documents.create(
                ANN, NewDocument.named("a"), TestContent.known(size).withType(type));
    }

    private DocumentData second(int older, int current) {
        return house.replace(house.create("a", older), TestContent.known(current));
    }

    private DocumentData restore(DocumentData document, int number) {
        return house.documents.restoreVersion(ANN, document.id(), number, Precondition.NONE);
    }

    private void drop(DocumentData document, int number) {
        house.documents.dropVersion(ANN, document.id(), number, Precondition.NONE);
    }

    private List<Integer> numbers(DocumentData document) {
        return house.documents.versions(ANN, document.id(), Integer.MAX_VALUE, DocumentService.MAX_PAGE).stream()
                .map(DocumentVersion::number)
                .toList();
    }
}
