package dev.docs.adapter.http;

import dev.docs.domain.ByteRange;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Range header (RFC 9110, section 14). */
final class ByteRanges {
    private static final Pattern SPEC = Pattern.compile("(\\d*)\\s*-\\s*(\\d*)");
    private static final int MAX_SPECS = 100;

    enum Kind {
        /** Send everything: there is no usable range, or more than one. */
        WHOLE,
        /** Send one part. */
        PART,
        /** No part asked for exists. */
        UNSATISFIABLE
    }

    /** What to send. */
    record Answer(Kind kind, ByteRange range) {}

    private ByteRanges() {}

    /**
     * Decides on a Range header. A malformed one and one of another unit is ignored, as the RFC asks. Ranges that touch
     * or overlap are merged; if several remain, everything is sent, which is always allowed.
     *
     * @param size of the content in bytes
     */
    static Answer choose(String header, long size) {
        Answer whole = new Answer(Kind.WHOLE, new ByteRange(0, size));
        if (!header.toLowerCase(Locale.ROOT).startsWith("bytes=")) {
            return whole;
        }
        String[] specs = header.substring("bytes=".length()).split(",", MAX_SPECS + 1);
        if (specs.length > MAX_SPECS) {
            return whole;
        }
        List<ByteRange> ranges = new ArrayList<>();
        int valid = 0;
        for (String spec : specs) {
            String text = spec.strip();
            if (text.isEmpty()) {
                continue;
            }
            Matcher matcher = SPEC.matcher(text);
            if (!matcher.matches() || !add(matcher.group(1), matcher.group(2), size, ranges)) {
                return whole;
            }
            valid++;
        }
        if (valid == 0) {
            return whole;
        }
        if (ranges.isEmpty()) {
            return new Answer(Kind.UNSATISFIABLE, new ByteRange(0, 0));
        }
        List<ByteRange> merged = merge(ranges);
        return merged.size() == 1 ? new Answer(Kind.PART, merged.get(0)) : whole;
    }

    /** Adds what a spec asks for, if it exists. Returns false if the spec makes no sense. */
    private static boolean add(String first, String last, long size, List<ByteRange> ranges) {
        if (first.isEmpty() && last.isEmpty()) {
            return false;
        }
        long from;
        long to;
        if (first.isEmpty()) {
            long length = number(last);
            if (size == 0 && length > 0) {
                // the end of nothing exists, but no Content-Range can express it
                return false;
            }
            from = Math.max(0, size - length);
            to = size;
        } else {
            from = number(first);
            to = last.isEmpty() || number(last) >= size ? size : number(last) + 1;
            if (!last.isEmpty() && number(last) < from) {
                return false;
            }
        }
        if (from < to) {
            ranges.add(new ByteRange(from, to - from));
        }
        return true;
    }

    /** Digits as a number; what no content can reach counts as the largest there is. */
    private static long number(String digits) {
        return new BigInteger(digits).min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact();
    }

    private static List<ByteRange> merge(List<ByteRange> ranges) {
        List<ByteRange> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingLong(ByteRange::offset));
        List<ByteRange> merged = new ArrayList<>();
        for (ByteRange range : sorted) {
            ByteRange last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (last != null && range.offset() <= last.end()) {
                long end = Math.max(last.end(), range.end());
                merged.set(merged.size() - 1, new ByteRange(last.offset(), end - last.offset()));
            } else {
                merged.add(range);
            }
        }
        return merged;
    }
}
