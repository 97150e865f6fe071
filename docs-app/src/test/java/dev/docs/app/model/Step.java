package dev.docs.app.model;

import dev.docs.domain.Caller;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.Sha256;
import org.jspecify.annotations.Nullable;

import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * One step of a history. It names documents by a slot, which holds the last document that was created in it, so that it
 * means something after any other steps, or none.
 */
sealed interface Step {
    int INLINE_BYTES = 1_000;
    int DOCUMENT_BYTES = 5_000;
    Quota QUOTA = new Quota(16_000, 12, 3);
    Duration LEASE = Duration.ofMinutes(2);
    Duration EXPIRY = Duration.ofHours(24);
    Duration GRACE = Duration.ofHours(24);
    Duration ARCHIVED_KEPT = Duration.ofHours(30);
    int VERSIONS_KEPT = 3;
    int SLOTS = 6;

    /** No sum of a few of them comes near a lease or a grace period, so that the time a step takes tells nothing. */
    List<Duration> PAUSES = List.of(
            Duration.ZERO, Duration.ofSeconds(50), Duration.ofSeconds(130), Duration.ofHours(23), Duration.ofHours(25));

    List<String> NAMES = List.of("a", "", "A", "b 2", "Äpfel", "straße", "STRASSE", "報告", "9", "10");
    List<String> TYPES = List.of("", "text/plain", "image/png");
    List<Integer> SIZES = List.of(0, 1, 700, 1_000, 1_001, 1_500, 2_500, 4_999, 5_000, 5_001);

    /** Stands for a component that is left out. */
    Object NULL = new Object();

    record Create(
            Who who,
            Owner owner,
            int slot,
            int name,
            int metadata,
            int type,
            Body body,
            @Nullable Step during) implements Step {}

    record CreateMany(Who who, Owner owner, List<File> files) implements Step {}

    record File(int slot, int name, int metadata, int type, Body body) {}

    /** @param size an index of {@link #SIZES}, or -1 if none is stated */
    record Reserve(Who who, Owner owner, int slot, int name, int type, int size) implements Step {}

    /**
     * @param name an index of {@link #NAMES}, or -1 for no change
     * @param metadata see {@link #metadata}, or -1 for no change
     */
    record Change(
            Who who,
            int slot,
            Expected expected,
            int name,
            int metadata,
            @Nullable DocumentStatus status) implements Step {}

    /** @param keep how many versions are kept; 0 for all */
    record Replace(
            Who who,
            int slot,
            Expected expected,
            Body body,
            int keep,
            @Nullable Step during) implements Step {}

    record RestoreVersion(Who who, int slot, Expected expected, int version, int keep) implements Step {}

    record DropVersion(Who who, int slot, Expected expected, int version) implements Step {}

    /** @param patch see {@link #patch}; for updates */
    record Bulk(Who who, Action action, List<Integer> slots, int patch, Mode mode) implements Step {}

    /** Of all documents of an owner that have a status. */
    record BulkOfOwner(Who who, Owner owner, Action action, DocumentStatus status, int patch, Mode mode)
            implements Step {}

    record Purge(Who who, int slot, Expected expected) implements Step {}

    /** @param version 0 for the current one */
    record Read(Who who, int slot, int version) implements Step {}

    /** A page of the active documents, and the usage. */
    record Look(Who who, Owner owner, int page) implements Step {}

    /** @param kilobytes -1 for the default */
    record SetQuota(Who who, Owner owner, int kilobytes) implements Step {}

    /**
     * @param documents -1 for the default
     * @param uploads -1 for the default
     */
    record SetLimits(Who who, Owner owner, int documents, int uploads) implements Step {
        Quota.Own of(Quota.Own own) {
            return own.withDocuments(documents < 0 ? null : (long) documents)
                    .withUploads(uploads < 0 ? null : (long) uploads);
        }
    }

    record DeleteUser(Who who, Owner owner) implements Step {}

    /** @param pause an index of {@link #PAUSES}: the time that passes before */
    record Sweep(int pause) implements Step {}

    /** What is archived for long goes, and versions of which there are too many. */
    record Retain() implements Step {}

    /** The current content's file disappears. */
    record Lose(int slot) implements Step {}

    enum Who {
        ROOT,
        ANN,
        BOB;

        Caller caller(String prefix) {
            return this == ROOT ? Caller.administrator("root") : Caller.user(prefix + this);
        }
    }

    enum Owner {
        ANN,
        BOB;

        String id(String prefix) {
            return prefix + this;
        }
    }

    enum Action {
        ARCHIVE,
        RESTORE,
        PURGE,
        UPDATE
    }

    enum Mode {
        DO,
        PREVIEW
    }

    /** The revision that a precondition speaks of. */
    enum Expected {
        ANY,
        CURRENT,
        STALE
    }

    enum Announced {
        NOTHING,
        SIZE,
        SIZE_AND_DIGEST,
        OTHER_DIGEST,
        ONE_BYTE_MORE,
        ONE_BYTE_LESS
    }

    /** How an upload goes on after its bytes. */
    enum Ending {
        END,
        CUT,
        STORE_IS_FULL,
        /** The process dies before it has stored the bytes, as far as anybody can tell. */
        DEATH,
        DEATH_AFTER_STORE
    }

    /** @param type an index of {@link #TYPES} */
    record Body(int size, int seed, Announced announced, int type, Ending ending) {
        byte[] bytes() {
            byte[] bytes = new byte[length()];
            new Random(seed).nextBytes(bytes);
            return bytes;
        }

        int length() {
            return SIZES.get(size);
        }

        @Nullable
        Long announcedSize() {
            return switch (announced) {
                case NOTHING, OTHER_DIGEST -> null;
                case SIZE, SIZE_AND_DIGEST -> (long) length();
                case ONE_BYTE_MORE -> length() + 1L;
                case ONE_BYTE_LESS -> Math.max(0, length() - 1L);
            };
        }

        @Nullable
        String announcedDigest() {
            return switch (announced) {
                case SIZE_AND_DIGEST -> Sha256.hex(ByteBuffer.wrap(bytes()));
                case OTHER_DIGEST -> "%064x".formatted(7);
                default -> null;
            };
        }

        boolean isAsAnnounced() {
            Long size = announcedSize();
            return (size == null || size == length()) && announced != Announced.OTHER_DIGEST;
        }
    }

    static @Nullable String type(int index) {
        return index == 0 ? null : TYPES.get(index);
    }

    static Metadata metadata(int index) {
        return index == 0
                ? Metadata.EMPTY
                : Metadata.of(Map.of("k", index, "in", List.of(Map.of("v", index % 2 == 0))));
    }

    /** Adds a member, or removes one that {@link #metadata} has, or changes nothing. */
    static Map<String, ?> patch(int index) {
        return switch (index) {
            case 0 -> Map.of();
            case 1 -> Map.of("k", 1);
            case 2 -> Collections.singletonMap("k", null);
            default -> Map.of("more", Map.of("n", index));
        };
    }

    // What the gate says, which goes by the content alone

    String REFUSAL = "it begins with a zero";

    static boolean isRefused(String sha256) {
        return sha256.startsWith("0");
    }

    static boolean isTooMuchForTheGate(String sha256) {
        return sha256.startsWith("1");
    }

    static @Nullable String verdict(String sha256) {
        return sha256.startsWith("2") ? "it begins with a two" : null;
    }

    /** The same step with one thing simpler: an index of 0, a choice that is its first, nothing in between, one of a list less. */
    static List<Step> simpler(Step step) {
        List<Step> simpler = new ArrayList<>();
        for (Record record : simplerRecords((Record) step)) {
            simpler.add((Step) record);
        }
        return simpler;
    }

    private static List<Record> simplerRecords(Record record) {
        List<Record> simpler = new ArrayList<>();
        RecordComponent[] components = record.getClass().getRecordComponents();
        for (int i = 0; i < components.length; i++) {
            for (Object value : simplerValues(components[i].getType(), values(record)[i])) {
                @Nullable Object[] values = values(record);
                values[i] = value == NULL ? null : value;
                simpler.add(make(record.getClass(), components, values));
            }
        }
        return simpler;
    }

    private static List<Object> simplerValues(Class<?> type, @Nullable Object value) {
        List<Object> simpler = new ArrayList<>();
        if (value instanceof Integer number && number > 0) {
            simpler.add(0);
            if (number > 1) {
                simpler.add(number - 1);
            }
        } else if (value instanceof Enum<?> choice) {
            if (type == DocumentStatus.class) {
                simpler.add(NULL);
            } else if (choice != type.getEnumConstants()[0]) {
                simpler.add(type.getEnumConstants()[0]);
            }
        } else if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                List<Object> less = new ArrayList<>(list);
                Object gone = less.remove(i);
                simpler.add(less);
                for (Object other : simplerValues(Object.class, gone)) {
                    List<Object> same = new ArrayList<>(list);
                    same.set(i, other);
                    simpler.add(same);
                }
            }
        } else if (value instanceof Record inner) {
            if (type == Step.class) {
                simpler.add(NULL);
            }
            simpler.addAll(simplerRecords(inner));
        }
        return simpler;
    }

    private static @Nullable Object[] values(Record record) {
        RecordComponent[] components = record.getClass().getRecordComponents();
        @Nullable Object[] values = new @Nullable Object[components.length];
        try {
            for (int i = 0; i < components.length; i++) {
                components[i].getAccessor().setAccessible(true);
                values[i] = components[i].getAccessor().invoke(record);
            }
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("a record has accessors", e);
        }
        return values;
    }

    private static Record make(Class<? extends Record> type, RecordComponent[] components, @Nullable Object[] values) {
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
        }
        try {
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("a record has a constructor", e);
        }
    }

    /** As it would be written in a test. */
    static String java(@Nullable Object value) {
        if (value instanceof Record record) {
            List<String> parts = new ArrayList<>();
            for (Object part : values(record)) {
                parts.add(java(part));
            }
            return "new " + record.getClass().getSimpleName() + "(" + String.join(", ", parts) + ")";
        } else if (value instanceof List<?> list) {
            return "List.of(" + list.stream().map(Step::java).collect(Collectors.joining(", ")) + ")";
        } else if (value instanceof Enum<?> choice) {
            return choice.getDeclaringClass().getSimpleName() + "." + choice.name();
        }
        return String.valueOf(value);
    }
}
