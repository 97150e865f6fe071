package dev.docs.adapter.http;

import org.jspecify.annotations.Nullable;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Dates in headers (RFC 9110, section 5.6.7): one form is sent, three are understood. All are of whole seconds. */
final class HttpDates {
    /** The JDK's formatter for RFC 1123 writes a day below 10 with one digit. */
    private static final DateTimeFormatter FIXED = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
    private static final String MONTH = "(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
    private static final String TIME = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)";
    private static final List<Pattern> FORMS = List.of(
            Pattern.compile(
                    "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d\\d) " + MONTH + " (?<year>\\d{4}) " + TIME + " GMT"),
            // of RFC 850 and of C's asctime(): obsolete, and still to be understood
            Pattern.compile("(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d\\d)-" + MONTH + "-(?<year>\\d\\d) "
                    + TIME + " GMT"),
            Pattern.compile(
                    "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) " + MONTH + " (?<day>[ \\d]\\d) " + TIME + " (?<year>\\d{4})"));

    private HttpDates() {}

    static String format(Instant instant) {
        return FIXED.format(instant);
    }

    /** The instant that a header names; null if it names none. A year of two digits is at most 50 years ahead. */
    static @Nullable Instant parse(@Nullable String header, Instant now) {
        String text = header == null ? "" : header.strip();
        for (Pattern form : FORMS) {
            Matcher matcher = form.matcher(text);
            if (matcher.matches()) {
                return instant(matcher, now);
            }
        }
        return null;
    }

    private static @Nullable Instant instant(Matcher parts, Instant now) {
        int second = number(parts, "second");
        // a leap second, which the JDK's clock does not have
        boolean leap = second == 60;
        try {
            Instant instant = LocalDateTime.of(
                            year(parts.group("year"), now),
                            MONTHS.indexOf(parts.group("month")) + 1,
                            number(parts, "day"),
                            number(parts, "hour"),
                            number(parts, "minute"),
                            leap ? 59 : second)
                    .toInstant(ZoneOffset.UTC);
            return leap ? instant.plusSeconds(1) : instant;
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static int number(Matcher parts, String name) {
        return Integer.parseInt(parts.group(name).strip());
    }

    private static int year(String digits, Instant now) {
        int year = Integer.parseInt(digits);
        if (digits.length() == 4) {
            return year;
        }
        int current = now.atOffset(ZoneOffset.UTC).getYear();
        int inThisCentury = current - current % 100 + year;
        return inThisCentury > current + 50 ? inThisCentury - 100 : inThisCentury;
    }
}
