package dev.docs.app.faults;

import dev.docs.application.BulkRequest.Action;
import dev.docs.domain.ByteRange;
import dev.docs.domain.DocumentData;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Something that is done while calls fail. */
enum Scenario {
    CREATE_INLINE {
        @Override
        Runnable prepare(Attempts to) {
            return () -> to.create("a", Attempts.bytes("a", SMALL), true);
        }
    },
    CREATE_LARGE {
        @Override
        Runnable prepare(Attempts to) {
            return () -> to.create("a", Attempts.bytes("a", LARGE), true);
        }
    },
    CREATE_OF_UNKNOWN_LENGTH {
        @Override
        Runnable prepare(Attempts to) {
            return () -> to.create("a", Attempts.bytes("a", LONG), false);
        }
    },
    /** There is room in the quota, but not for a step ahead. */
    CREATE_WITHIN_A_TIGHT_QUOTA {
        @Override
        Runnable prepare(Attempts to) {
            to.world.rows.setQuota(to.world.owner.userId(), own -> own.withBytes(50_000L));
            return () -> to.create("a", Attempts.bytes("a", 40_000), false);
        }
    },
    RESERVE_AND_UPLOAD {
        @Override
        Runnable prepare(Attempts to) {
            return () -> {
                DocumentData reserved = to.reserve("a", MEDIUM);
                if (reserved != null) {
                    to.replace(reserved, Attempts.bytes("a", MEDIUM), true);
                }
            };
        }
    },
    FAIL_AND_UPLOAD_AGAIN {
        @Override
        Runnable prepare(Attempts to) {
            DocumentData reserved = Objects.requireNonNull(to.reserve("a", MEDIUM));
            return () -> {
                to.lie(reserved, Attempts.bytes("a", MEDIUM));
                to.replace(reserved, Attempts.bytes("a", MEDIUM), true);
            };
        }
    },
    REPLACE {
        @Override
        Runnable prepare(Attempts to) {
            DocumentData document = create(to, LARGE);
            return () -> to.replace(document, Attempts.bytes("b", LARGE), false);
        }
    },
    REPLACE_LARGE_BY_INLINE_BY_LARGE {
        @Override
        Runnable prepare(Attempts to) {
            DocumentData document = create(to, MEDIUM);
            return () -> {
                DocumentData small = to.replace(document, Attempts.bytes("b", SMALL), true);
                if (small != null) {
                    to.replace(small, Attempts.bytes("c", MEDIUM), true);
                }
            };
        }
    },
    ARCHIVE_AND_RESTORE {
        @Override
        Runnable prepare(Attempts to) {
            DocumentData document = create(to, SMALL);
            return () -> {
                DocumentData archived = to.archive(document);
                if (archived != null) {
                    to.restore(archived);
                }
            };
        }
    },
    CREATE_MANY {
        @Override
        Runnable prepare(Attempts to) {
            return () -> to.createAll(List.of("a", "b", "c", "d", "e"), List.of(SMALL, SMALL, MEDIUM, SMALL, SMALL));
        }
    },
    ARCHIVE_MANY {
        @Override
        Runnable prepare(Attempts to) {
            List<DocumentData> documents = createThree(to);
            return () -> to.bulk(Action.ARCHIVE, documents, null);
        }
    },
    ARCHIVE_MANY_UNDER_A_KEY {
        @Override
        Runnable prepare(Attempts to) {
            List<DocumentData> documents = createThree(to);
            return () -> to.bulk(Action.ARCHIVE, documents, "key");
        }
    },
    PURGE_MANY_AND_SWEEP {
        @Override
        Runnable prepare(Attempts to) {
            List<DocumentData> documents = createThree(to);
            return () -> {
                to.bulk(Action.PURGE, documents, null);
                to.world.awaitGrace();
                to.sweep();
            };
        }
    },
    PURGE_MANY_UNDER_A_KEY {
        @Override
        Runnable prepare(Attempts to) {
            List<DocumentData> documents = createThree(to);
            return () -> to.bulk(Action.PURGE, documents, "key");
        }
    },
    RESTORE_A_VERSION {
        @Override
        Runnable prepare(Attempts to) {
            DocumentData document = create(to, MEDIUM);
            to.replace(document, Attempts.bytes("b", SMALL), true);
            return () -> to.restoreVersion(document, 1);
        }
    },
    DROP_VERSIONS_AND_SWEEP {
        @Override
        Runnable prepare(Attempts to) {
            DocumentData document = create(to, MEDIUM);
            to.replace(document, Attempts.bytes("b", SMALL), true);
            to.restoreVersion(document, 1);
            to.replace(document, Attempts.bytes("c", MEDIUM), true);
            return () -> {
                to.dropVersion(document, 1);
                to.dropVersion(document, 2);
                to.dropVersion(document, 3);
                to.world.awaitGrace();
                to.sweep();
            };
        }
    },
    PURGE_AND_SWEEP {
        @Override
        Runnable prepare(Attempts to) {
            DocumentData document = create(to, MEDIUM);
            to.replace(document, Attempts.bytes("b", MEDIUM), true);
            to.replace(document, Attempts.bytes("c", SMALL), true);
            return () -> {
                to.purge(document);
                to.world.awaitGrace();
                to.sweep();
            };
        }
    },
    SWEEP_DEAD_UPLOADS {
        @Override
        Runnable prepare(Attempts to) {
            create(to, MEDIUM);
            to.intent();
            to.diedWriting();
            to.diedBeforePublishing();
            to.reserve("b", MEDIUM);
            to.world.awaitLease();
            return to::sweep;
        }
    },
    READ_WHOLE {
        @Override
        Runnable prepare(Attempts to) {
            DocumentData document = create(to, LARGE);
            return () -> to.read(document, null);
        }
    },
    READ_RANGE {
        @Override
        Runnable prepare(Attempts to) {
            DocumentData document = create(to, LARGE);
            return () -> to.read(document, new ByteRange(70_000, 100_000));
        }
    },
    READ_INLINE {
        @Override
        Runnable prepare(Attempts to) {
            DocumentData document = create(to, SMALL);
            return () -> to.read(document, null);
        }
    },
    FIND_LOST_BYTES {
        @Override
        Runnable prepare(Attempts to) {
            DocumentData document = create(to, MEDIUM);
            to.lose(document);
            return () -> to.readLost(document);
        }
    },
    REPLACE_LOST_BYTES {
        @Override
        Runnable prepare(Attempts to) {
            DocumentData document = create(to, MEDIUM);
            to.lose(document);
            to.readLost(document);
            return () -> to.replace(document, Attempts.bytes("b", MEDIUM), true);
        }
    },
    WALK_THROUGH_THE_STORE {
        @Override
        Runnable prepare(Attempts to) {
            create(to, MEDIUM);
            to.create("b", Attempts.bytes("b", MEDIUM), true);
            return to::walk;
        }
    },
    OPEN_AGAIN {
        @Override
        Runnable prepare(Attempts to) {
            create(to, MEDIUM);
            return to::reopen;
        }
    },
    OPEN_A_NEW_STORE {
        @Override
        Runnable prepare(Attempts to) {
            return to::openNew;
        }
    };

    /** Kept inline. */
    private static final int SMALL = 800;
    /** One write. */
    private static final int MEDIUM = 5_000;
    /** Several writes. */
    private static final int LARGE = 300_000;
    /** More than the first two steps in which quota is set aside. */
    private static final int LONG = 1_100_000;

    /** Does what comes before, which never fails; returns the thing itself. */
    abstract Runnable prepare(Attempts to);

    private static DocumentData create(Attempts to, int size) {
        return Objects.requireNonNull(to.create("a", Attempts.bytes("a", size), true));
    }

    /** A file, inline content, and a file with an older version. */
    private static List<DocumentData> createThree(Attempts to) {
        DocumentData first = create(to, MEDIUM);
        DocumentData second = Objects.requireNonNull(to.create("b", Attempts.bytes("b", SMALL), true));
        DocumentData third = Objects.requireNonNull(to.create("c", Attempts.bytes("c", MEDIUM), true));
        third = Objects.requireNonNull(to.replace(third, Attempts.bytes("d", MEDIUM), true));
        return List.of(first, second, third);
    }

    static Scenario parse(String text) {
        return valueOf(text.strip().replace(' ', '_').toUpperCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return name().replace('_', ' ').toLowerCase(Locale.ROOT);
    }
}
