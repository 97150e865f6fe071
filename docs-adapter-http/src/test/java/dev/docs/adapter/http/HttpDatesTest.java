package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Instant;

final class HttpDatesTest {
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sun, 06 Nov 1994 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
                " Sun, 06 Nov 1994 08:49:37 GMT "
            })
    void theThreeFormsOfTheRfcAreOneInstant(String header) {
        assertThat(HttpDates.parse(header, NOW)).isEqualTo(Instant.parse("1994-11-06T08:49:37Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "0",
                "1994-11-06T08:49:37Z",
                "Sun, 6 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49:37 UTC",
                "Sun, 06 Nov 1994 08:49:37 +0000",
                "sun, 06 Nov 1994 08:49:37 GMT",
                "Sun, 31 Feb 1994 08:49:37 GMT",
                "Sun, 00 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 24:00:00 GMT",
                "Sun, 06 Nov 1994 08:49:61 GMT",
                "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
                "Sun Nov 6 08:49:37 1994"
            })
    void whatIsNoDateIsNone(String header) {
        assertThat(HttpDates.parse(header, NOW)).isNull();
        assertThat(HttpDates.parse(null, NOW)).isNull();
    }

    @Test
    void aYearOfTwoDigitsIsAtMostFiftyYearsAhead() {
        assertThat(HttpDates.parse("Sunday, 01-Nov-76 00:00:00 GMT", NOW)).isEqualTo("2076-11-01T00:00:00Z");
        assertThat(HttpDates.parse("Sunday, 01-Nov-77 00:00:00 GMT", NOW)).isEqualTo("1977-11-01T00:00:00Z");
    }

    @Test
    void aLeapSecondIsTheNextOne() {
        assertThat(HttpDates.parse("Sat, 31 Dec 2016 23:59:60 GMT", NOW)).isEqualTo("2017-01-01T00:00:00Z");
    }

    @Property
    void whatIsWrittenIsReadBack(@ForAll @LongRange(min = 0, max = 250_000_000_000L) long second) {
        Instant instant = Instant.ofEpochSecond(second);
        assertThat(HttpDates.parse(HttpDates.format(instant), NOW)).isEqualTo(instant);
    }

    @Property
    void anyTextIsADateOrNone(@ForAll String header) {
        HttpDates.parse(header, NOW);
    }
}
