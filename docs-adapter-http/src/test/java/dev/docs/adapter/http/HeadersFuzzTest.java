package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.docs.adapter.http.ByteRanges.Answer;
import dev.docs.adapter.http.ByteRanges.Kind;
import dev.docs.application.NewPart;
import dev.docs.domain.ByteRange;
import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Headers that come from strangers, against readers that are slow and simple, or written and read again. Each build replays what
 * lies in the resources; {@code fuzz/run} looks for more.
 */
final class HeadersFuzzTest {
    private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");

    @FuzzTest(maxDuration = "1m")
    void range(byte[] data) {
        String header = header(data);
        for (long size : new long[] {0, 1, Long.MAX_VALUE}) {
            ByteRange range = ByteRanges.choose(header, size).range();
            assertThat(range.offset()).isBetween(0L, size);
            assertThat(range.length()).isBetween(0L, size - range.offset());
        }
        assertThat(ByteRanges.choose(header, 0)).isEqualTo(rangeSlowly(header, 0));
        assertThat(ByteRanges.choose(header, 100)).isEqualTo(rangeSlowly(header, 100));
    }

    /** Marks every byte that is asked for. */
    private static Answer rangeSlowly(String header, int size) {
        Answer whole = new Answer(Kind.WHOLE, new ByteRange(0, size));
        String[] specs = header.substring(Math.min(6, header.length())).split(",", -1);
        if (!header.regionMatches(true, 0, "bytes=", 0, 6) || specs.length > 100) {
            return whole;
        }
        BitSet asked = new BitSet();
        boolean none = true;
        for (String spec : specs) {
            String[] ends = spec.split("-", -1);
            if (spec.isBlank()) {
                continue;
            }
            none = false;
            BigInteger first = ends.length == 2 ? digits(ends[0].strip()) : BigInteger.TEN.negate();
            BigInteger last = ends.length == 2 ? digits(ends[1].strip()) : BigInteger.TEN.negate();
            boolean broken = first.equals(BigInteger.TEN.negate()) || last.equals(BigInteger.TEN.negate());
            if (broken || (first.signum() < 0 && last.signum() < 0)) {
                return whole;
            } else if (first.signum() < 0) {
                if (size == 0 && last.signum() > 0) {
                    return whole;
                }
                asked.set(size - last.min(BigInteger.valueOf(size)).intValueExact(), size);
            } else if (last.signum() >= 0 && last.compareTo(first) < 0) {
                return whole;
            } else if (first.compareTo(BigInteger.valueOf(size)) < 0) {
                BigInteger end = last.signum() < 0 ? BigInteger.valueOf(size) : last.add(BigInteger.ONE);
                asked.set(
                        first.intValueExact(), end.min(BigInteger.valueOf(size)).intValueExact());
            }
        }
        int from = asked.nextSetBit(0);
        if (none) {
            return whole;
        } else if (from < 0) {
            return new Answer(Kind.UNSATISFIABLE, new ByteRange(0, 0));
        }
        boolean inOnePiece = asked.cardinality() == asked.length() - from;
        return inOnePiece ? new Answer(Kind.PART, new ByteRange(from, asked.cardinality())) : whole;
    }

    /** -1 for no digits, -10 for what is no number. */
    private static BigInteger digits(String text) {
        if (text.isEmpty()) {
            return BigInteger.ONE.negate();
        }
        return text.chars().allMatch(c -> c >= '0' && c <= '9') ? new BigInteger(text) : BigInteger.TEN.negate();
    }

    /** Any name, written into a header and read from it, is the name. */
    @FuzzTest(maxDuration = "1m")
    void contentDisposition(byte[] data) {
        String name = new String(data, StandardCharsets.UTF_8);
        String header = ContentDisposition.of("attachment", name);

        assertThat(header)
                .matches("attachment; filename=\"[ -~&&[^\"\\\\]]*\"(; filename\\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]*)?");
        Map<String, String> parameters = HeaderParameters.parse(header);
        String extended = HeaderParameters.extended(parameters.get("filename*"));
        assertThat(extended == null ? parameters.get("filename") : extended).isEqualTo(name);
    }

    /** A value in quotes can't reach out of them, whatever it is. */
    @FuzzTest(maxDuration = "1m")
    void parameters(byte[] data) {
        String text = header(data);
        HeaderParameters.parse(text).forEach((name, value) -> assertThat(name).matches("[!#$%&'*+.^_`|~0-9a-z-]+"));

        String quoted = text.replace("\\", "\\\\").replace("\"", "\\\"");
        assertThat(HeaderParameters.parse("form-data; before=1; it=\"" + quoted + "\"; after=2"))
                .isEqualTo(Map.of("before", "1", "it", text, "after", "2"));
        assertThat(HeaderParameters.value("Form-Data ;" + text)).isEqualTo("form-data");
        String decoded = HeaderParameters.extended(text);
        assertThat(decoded == null || text.toLowerCase(Locale.ROOT).startsWith("utf-8'"))
                .isTrue();
    }

    /** Cut at the commas outside quotes. */
    @FuzzTest(maxDuration = "1m")
    void entityTags(byte[] data) {
        String header = header(data);
        ETags tags = orRefused(() -> ETags.parse("If-Match", header));
        if (header.strip().equals("*")) {
            assertThat(tags != null && tags.any() && tags.matchStrongly("\"r1\""))
                    .isTrue();
            return;
        }
        Set<String> strong = new HashSet<>();
        Set<String> weak = new HashSet<>();
        boolean broken = false;
        for (String item : outsideQuotes(header)) {
            String tag = item.startsWith("W/") ? item.substring(2) : item;
            boolean isTag = tag.length() >= 2
                    && tag.startsWith("\"")
                    && tag.endsWith("\"")
                    && tag.substring(1, tag.length() - 1).chars().allMatch(c -> c > ' ' && c != '"' && c != 0x7f)
                    && tag.chars().noneMatch(c -> c > 0x7f && c < 0x80);
            broken |= !item.isEmpty() && !isTag;
            if (isTag) {
                (tag.equals(item) ? strong : weak).add(tag);
            }
        }
        assertThat(tags == null).isEqualTo(broken || (strong.isEmpty() && weak.isEmpty()));
        if (tags != null) {
            assertThat(strong).allMatch(tags::matchStrongly).allMatch(tags::matchWeakly);
            assertThat(weak)
                    .allMatch(tags::matchWeakly)
                    .allMatch(tag -> tags.matchStrongly(tag) == strong.contains(tag));
            assertThat(tags.any() || tags.matchWeakly("\"never sent\"")).isFalse();
        }
    }

    private static List<String> outsideQuotes(String list) {
        List<String> items = new ArrayList<>();
        boolean quoted = false;
        int from = 0;
        for (int at = 0; at < list.length(); at++) {
            quoted ^= list.charAt(at) == '"';
            if (list.charAt(at) == ',' && !quoted) {
                items.add(list.substring(from, at).strip());
                from = at + 1;
            }
        }
        items.add(list.substring(from).strip());
        return items;
    }

    /** A date that is understood is written the same again by the JDK; and each that the JDK writes is understood. */
    @FuzzTest(maxDuration = "1m")
    void date(byte[] data) {
        String header = header(data);
        Instant read = HttpDates.parse(header, NOW);
        if (read != null) {
            boolean leap = header.contains(":60");
            String text = withoutDay(header.strip().replace(":60", ":59"));
            Instant written = leap ? read.minusSeconds(1) : read;
            assertThat(forms().stream().map(form -> withoutDay(form.format(written))))
                    .contains(text);
        }
        long seconds = data.length < 8 ? data.length : new BigInteger(data).longValue();
        // of two digits, a year is within 50 years
        Instant any = Instant.ofEpochSecond(Math.floorMod(seconds, 1_500_000_000L) + 1_500_000_000L);
        assertThat(forms())
                .allSatisfy(form ->
                        assertThat(HttpDates.parse(form.format(any), NOW)).isEqualTo(any));
        assertThat(HttpDates.parse(HttpDates.format(any), NOW)).isEqualTo(any);
    }

    private static List<DateTimeFormatter> forms() {
        return List.of(
                form("EEE, dd MMM uuuu HH:mm:ss 'GMT'"),
                form("EEEE, dd-MMM-uu HH:mm:ss 'GMT'"),
                form("EEE MMM ppd HH:mm:ss uuuu"));
    }

    private static DateTimeFormatter form(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).withZone(ZoneOffset.UTC);
    }

    /** Which day of the week it is, nobody checks: it says nothing. And C pads days with a space or a nought. */
    private static String withoutDay(String date) {
        return date.replaceFirst("^[A-Z][a-z]+,? ", "")
                .replaceFirst("^([A-Z][a-z]{2}) (\\d) ", "$1  $2 ")
                .replaceFirst("^([A-Z][a-z]{2}) 0(\\d) ", "$1  $2 ");
    }

    /** Text in quotes and parameters can't be taken for a digest, and hides none. */
    @FuzzTest(maxDuration = "1m")
    void digests(byte[] data) {
        String header = header(data);
        Map<String, String> free = orRefused(() -> Digests.parse("Repr-Digest", header));
        if (free != null) {
            assertThat(free.keySet()).isSubsetOf("sha-256", "sha-512");
            free.forEach((algorithm, digest) -> {
                assertThat(digest).hasSize(algorithm.equals("sha-256") ? 64 : 128);
                String bytes = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(digest));
                // the padding may be left out
                assertThat(header).contains(":" + bytes.replace("=", "").substring(0, 42));
            });
        }
        String digest = "0123456789abcdef".repeat(4);
        String member =
                "sha-256=:" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(digest)) + ":";
        String quoted = "\"" + header.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
        boolean sendable = header.chars().allMatch(c -> c >= ' ' && c <= '~');
        for (String around : List.of("x=%s, %s", "x;y=%s,%s", "x=%s;z,\t%s")) {
            String list = around.formatted(quoted.replace("%", "%%"), member);
            Map<String, String> read = orRefused(() -> Digests.parse("Repr-Digest", list.replace("%%", "%")));
            assertThat(read).isEqualTo(sendable ? Map.of("sha-256", digest) : null);
        }
        Digests.wantsSha256(header);
    }

    /** By a loop, and what is told again reads as what was sent. */
    @FuzzTest(maxDuration = "1m")
    void uploadMetadata(byte[] data) {
        String header = header(data);
        UploadMetadata metadata = orRefused(() -> UploadMetadata.parse(header));
        if (metadata == null || header.isBlank()) {
            return;
        }
        assertThat(metadata.text()).matches("[\\t -~]*");
        Set<String> keys = new HashSet<>();
        for (String pair : header.strip().split(",", -1)) {
            String text = pair.strip();
            int space = text.indexOf(' ');
            String key = space < 0 ? text : text.substring(0, space);
            assertThat(keys.add(key)).isTrue();
            assertThat(key).matches("[!-~&&[^,]]+");
            byte[] value = base64(space < 0 ? "" : text.substring(space).strip());
            String told = orRefused(() -> UploadMetadata.parse(metadata.text()).get(key));
            boolean isText = new String(value, StandardCharsets.UTF_8).indexOf('\ufffd') < 0;
            if (isText) {
                assertThat(told).isEqualTo(new String(value, StandardCharsets.UTF_8));
            }
            assertThat(orRefused(() -> metadata.get(key))).isEqualTo(told);
        }
    }

    /** The bits one after the other. */
    private static byte[] base64(String text) {
        BigInteger bits = BigInteger.ONE;
        int count = 0;
        for (char c : text.replace("=", "").toCharArray()) {
            int value = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".indexOf(c);
            assertThat(value).isNotNegative();
            bits = bits.shiftLeft(6).or(BigInteger.valueOf(value));
            count += 6;
        }
        byte[] bytes = bits.shiftRight(count % 8).toByteArray();
        byte[] tail = new byte[count / 8];
        System.arraycopy(bytes, bytes.length - tail.length, tail, 0, tail.length);
        return tail;
    }

    @FuzzTest(maxDuration = "1m")
    void uploadChecksumAndLength(byte[] data) {
        String header = header(data);
        NewPart.Checksum checksum = orRefused(() -> UploadRoutes.checksum(header));
        if (checksum != null) {
            String[] words = header.strip().split(" +", 2);
            assertThat(checksum.algorithm()).isEqualTo(words[0]).isIn("sha1", "sha256");
            assertThat(HexFormat.of().parseHex(checksum.digest()))
                    .isEqualTo(base64(words.length == 1 ? "" : words[1].strip()));
        }
        Long number = orRefused(() -> UploadRoutes.number("Upload-Length", header));
        BigInteger digits = digits(header.strip());
        boolean isNumber = digits.signum() >= 0 && header.strip().length() <= 18;
        assertThat(number).isEqualTo(isNumber ? (Object) digits.longValueExact() : null);
    }

    /** No coding is used that was refused, or that is liked less than another. */
    @FuzzTest(maxDuration = "1m")
    void acceptEncoding(byte[] data) {
        String header = header(data);
        String best = BestCoding.of(header);
        assertThat(best.equals(BestCoding.IDENTITY) || BestCoding.KNOWN.contains(best))
                .isTrue();
        assertThat(weight(header, best)).isGreaterThanOrEqualTo(weight(header, BestCoding.IDENTITY));
        assertThat(BestCoding.KNOWN).allMatch(coding -> weight(header, coding) <= weight(header, best));
    }

    /** In thousandths; of what is not named, that of the asterisk, if it is no lesser evil. */
    private static int weight(String header, String coding) {
        for (String name : coding.equals(BestCoding.IDENTITY) ? List.of(coding) : List.of(coding, "*")) {
            for (String item : header.split(",")) {
                String[] words =
                        item.replaceAll("[ \t]", "").toLowerCase(Locale.ROOT).split(";", -1);
                boolean oneWord = item.strip().split(";", 2)[0].strip().indexOf(' ') < 0
                        && item.strip().split(";", 2)[0].strip().indexOf('\t') < 0;
                if (words[0].equals(name) && words.length == 1 && oneWord) {
                    return 1000;
                }
                if (words[0].equals(name)
                        && words.length == 2
                        && oneWord
                        && words[1].matches("q=(0(\\.\\d{0,3})?|1(\\.0{0,3})?)")
                        && item.matches("(?s).*=\\s*[01][.0-9]*\\s*")) {
                    return (int) Math.round(Double.parseDouble(words[1].substring(2)) * 1000);
                }
            }
        }
        return 0;
    }

    @FuzzTest(maxDuration = "1m")
    void traceparent(byte[] data) {
        String header = header(data);
        TraceContext context = TraceContext.of(List.of(header));
        String[] fields = header.split("-", -1);
        boolean good = fields.length >= 4
                && isHex(fields[0], 2)
                && isHex(fields[1], 32)
                && isHex(fields[2], 16)
                && isHex(fields[3], 2)
                && !fields[0].equals("ff")
                && !fields[1].matches("0*")
                && !fields[2].matches("0*")
                && (fields.length == 4 || !fields[0].equals("00"));
        assertThat(context != null).isEqualTo(good);
        if (context != null) {
            assertThat(context.traceId()).isEqualTo(fields[1]);
            assertThat(context.spanId()).matches("[0-9a-f]{16}").isNotEqualTo(fields[2]);
        }
    }

    private static boolean isHex(String text, int length) {
        return text.length() == length && text.chars().allMatch(c -> "0123456789abcdef".indexOf(c) >= 0);
    }

    /** Text as Jetty hands it over: it refuses control characters, and reads bytes as characters. */
    private static String header(byte[] data) {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        return text.chars().anyMatch(c -> (c < ' ' && c != '\t') || (c >= 0x7f && c < 0xa0)) ? "" : text;
    }

    /** Null if it was refused: with a problem of the client's that can be told, and in no other way. */
    static <T> @Nullable T orRefused(Supplier<@Nullable T> reading) {
        try {
            return reading.get();
        } catch (Problem.Raised e) {
            assertThat(e.problem().status()).isIn(400, 422);
            assertThat(Wire.write(Wire.problem(e.problem(), "id"))).isNotEmpty();
            return null;
        }
    }
}
