package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.adapter.fs.FileSystemStorage;
import dev.docs.application.Docs;
import dev.docs.application.Integrity.Scrubbed;
import dev.docs.application.Limits;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.application.OpenContent;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Durability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/** What a disk may do to stored bytes is found every time, never handed out as whole, and healed when they are put back. */
final class DamageTest {
    private static final Caller ANN = Caller.user("ann");
    private static final int BATCHES = 25;
    private static final int BATCH = 48;

    /** Two of the reading's buffers and a little. */
    private static final int MOST_BYTES = 300_000;

    private final long seed = Long.getLong("docs.damage.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @TempDir
    private Path root;

    private enum Damage {
        FLIP {
            @Override
            byte[] to(byte[] whole, Random random) {
                byte[] damaged = whole.clone();
                damaged[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
                return damaged;
            }
        },
        TRUNCATE {
            @Override
            byte[] to(byte[] whole, Random random) {
                return Arrays.copyOf(whole, random.nextInt(whole.length));
            }
        },
        EXTEND {
            @Override
            byte[] to(byte[] whole, Random random) {
                return Arrays.copyOf(whole, whole.length + 1 + random.nextInt(100));
            }
        },
        DELETE {
            @Override
            byte[] to(byte[] whole, Random random) {
                return new byte[0];
            }
        };

        abstract byte[] to(byte[] whole, Random random);
    }

    private static final class Sample {
        final DocumentData document;
        final byte[] bytes;
        final Path file;
        final Damage damage;

        Sample(DocumentData document, byte[] bytes, Path file, Damage damage) {
            this.document = document;
            this.bytes = bytes;
            this.file = file;
            this.damage = damage;
        }

        void inflict(Random random) throws IOException {
            if (damage == Damage.DELETE) {
                Files.delete(file);
            } else {
                Files.write(file, damage.to(bytes, random));
            }
        }
    }

    @Test
    void every_kind_of_damage_is_found_never_passed_off_as_whole_and_healed_by_the_right_bytes() throws IOException {
        Docs docs = Docs.builder()
                .repository(new InMemoryDocumentRepository())
                .store("main", FileSystemStorage.open(root, Durability.PROCESS))
                .limits(Limits.DEFAULT.withInlineBytes(0))
                .build();
        int samples = 0;
        for (int batch = 0; batch < BATCHES; batch++) {
            List<Sample> damaged = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                damaged.add(sample(docs, Damage.values()[i % Damage.values().length]));
            }
            DocumentData untouched = sample(docs, Damage.FLIP).document;
            for (Sample sample : damaged) {
                sample.inflict(random);
            }
            if (batch % 2 == 0) {
                readers_get_the_right_bytes_or_a_failure(docs, damaged);
            }

            Scrubbed scrubbed = docs.integrity().scrubAll(done -> {});

            assertThat(scrubbed.damaged()).as("of seed " + seed).isEqualTo(BATCH);
            for (Sample sample : damaged) {
                assertThat(status(docs, sample.document))
                        .as(sample.damage.name() + " of seed " + seed)
                        .isEqualTo(DocumentStatus.ERROR);
                Files.write(sample.file, sample.bytes);
                docs.integrity().verify(sample.document.id());
                assertThat(status(docs, sample.document))
                        .as(sample.damage.name() + " of seed " + seed)
                        .isEqualTo(DocumentStatus.ACTIVE);
                assertThat(read(docs, sample.document)).isEqualTo(sample.bytes);
            }
            assertThat(docs.documents().get(ANN, untouched.id())).isEqualTo(untouched);
            assertThat(docs.integrity().scrubAll(done -> {}).damaged()).isZero();
            samples += damaged.size();
        }
        assertThat(samples).isGreaterThanOrEqualTo(1000);
    }

    private static void readers_get_the_right_bytes_or_a_failure(Docs docs, List<Sample> damaged) throws IOException {
        for (Sample sample : damaged) {
            try {
                assertThat(read(docs, sample.document)).isEqualTo(sample.bytes);
                assertThat(sample.damage).isEqualTo(Damage.EXTEND);
            } catch (DocumentException e) {
                assertThat(e.kind()).isEqualTo(DocumentException.Kind.CONTENT_LOST);
                // what was found is on record, and is not found again below
                assertThat(status(docs, sample.document)).isEqualTo(DocumentStatus.ERROR);
            }
        }
    }

    private Sample sample(Docs docs, Damage damage) {
        byte[] bytes = new byte[1 + random.nextInt(random.nextBoolean() ? 100 : MOST_BYTES)];
        random.nextBytes(bytes);
        DocumentData document = docs.documents().create(ANN, NewDocument.named(damage.name()), NewContent.of(bytes));
        Path file =
                root.resolve(Objects.requireNonNull(document.content()).url().key());
        return new Sample(document, bytes, file, damage);
    }

    private static DocumentStatus status(Docs docs, DocumentData document) {
        return docs.documents().get(ANN, document.id()).status();
    }

    /** What a reader that believes a normal end would have got. */
    private static byte[] read(Docs docs, DocumentData document) throws IOException {
        OpenContent content = docs.documents().content(ANN, document.id());
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (InputStream stream = Channels.newInputStream(content.read(content.whole()))) {
            stream.transferTo(read);
        }
        return read.toByteArray();
    }
}
