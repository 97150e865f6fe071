package dev.docs.conformance;

import java.time.Instant;
import java.util.Random;
import java.util.UUID;

/** Ids of the form that documents have. */
final class Ids {
    private Ids() {}

    /** A UUIDv7 (RFC 9562, section 5.7) of this time, the rest at random. */
    static UUID uuidV7(Instant time, Random random) {
        long high = time.toEpochMilli() << 16 | 0x7000 | random.nextInt(0x1000);
        long low = random.nextLong() >>> 2 | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }
}
