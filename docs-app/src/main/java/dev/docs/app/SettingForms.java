package dev.docs.app;

import dev.docs.adapter.http.JwtOptions;
import dev.docs.app.Settings.Store;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.MediaTypePolicy;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.UserIds;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How the values of settings are written. Every method throws {@link IllegalArgumentException} with the rule that a
 * text breaks, as the end of a sentence: "must be ...".
 */
final class SettingForms {
    private static final Pattern SIZE = Pattern.compile("([0-9]+) *([KMGT]iB|B)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern DURATION = Pattern.compile("([0-9]+) *(ms|s|m|h|d)", Pattern.CASE_INSENSITIVE);
    private static final Pattern IPV4 =
            Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern HOST_NAME =
            Pattern.compile("(?=.{1,253}$)(?!.*(\\.|^)[0-9]+$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");
    private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

    /** Anything else could run a statement, load a class, open a listener or give up durability. */
    private static final Set<String> H2_SETTINGS =
            Set.of("CACHE_SIZE", "CIPHER", "DB_CLOSE_DELAY", "DB_CLOSE_ON_EXIT", "IFEXISTS", "MAX_COMPACT_TIME");

    private static final Pattern POSTGRESQL_LOGIN = Pattern.compile("(?i).*(//.*@|[?&](user|password)=).*");

    private SettingForms() {}

    static long size(String text, long min, long max) {
        String rule = "must be a size from %s to %s, such as 16384, 64MiB or 10GiB".formatted(iec(min), iec(max));
        Matcher matcher = SIZE.matcher(text);
        require(matcher.matches(), rule);
        int power = matcher.group(2) == null
                ? 0
                : "BKMGT".indexOf(matcher.group(2).toUpperCase(Locale.ROOT).charAt(0));
        try {
            long bytes = Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * power));
            require(bytes >= min && bytes <= max, rule);
            return bytes;
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException(rule, e);
        }
    }

    static int number(String text, int min, int max) {
        String rule = "must be a whole number from %d to %d".formatted(min, max);
        require(text.matches("[0-9]{1,10}"), rule);
        long number = Long.parseLong(text);
        require(number >= min && number <= max, rule);
        return (int) number;
    }

    static boolean truth(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        require(lower.equals("true") || lower.equals("false"), "must be true or false");
        return lower.equals("true");
    }

    /** {@code 30s}, {@code 24h}, or ISO 8601: {@code PT24H}. */
    static Duration duration(String text, Duration min, Duration max) {
        String rule = "must be a duration from %s to %s, such as 500ms, 30s, 2m, 24h, 7d or PT24H"
                .formatted(brief(min), brief(max));
        Matcher matcher = DURATION.matcher(text);
        try {
            Duration duration = matcher.matches()
                    ? times(Long.parseLong(matcher.group(1)), matcher.group(2).toLowerCase(Locale.ROOT))
                    : Duration.parse(text);
            require(duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0, rule);
            return duration;
        } catch (DateTimeParseException | NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException(rule, e);
        }
    }

    /** A constant by its name in lower case with hyphens. */
    static <E extends Enum<E>> E oneOf(E[] constants, String text) {
        return Arrays.stream(constants)
                .filter(constant -> kebab(constant).equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(Arrays.stream(constants)
                        .map(SettingForms::kebab)
                        .collect(Collectors.joining(", ", "must be one of ", ""))));
    }

    /** An IP address or a host name; never looked up. */
    static String host(String text) {
        String host = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        require(address(host).isPresent() || HOST_NAME.matcher(host).matches(), "must be an IP address or a host name");
        return host;
    }

    /** Whether a host can be reached from this machine only; any name but {@code localhost} counts as one that can't. */
    static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost")
                || address(host).map(InetAddress::isLoopbackAddress).orElse(false);
    }

    /** An IP address, or one with a prefix length (RFC 4632): {@code 10.0.0.0/8}. */
    static String network(String text) {
        String rule = "must be literal IP addresses, each alone or as a network such as 10.0.0.0/8 or fd00::/8";
        int slash = text.indexOf('/');
        InetAddress address = address(slash < 0 ? text : text.substring(0, slash))
                .orElseThrow(() -> new IllegalArgumentException(rule));
        if (slash >= 0) {
            String length = text.substring(slash + 1);
            require(length.matches("[0-9]{1,3}"), rule);
            int bits = Integer.parseInt(length);
            require(bits <= address.getAddress().length * 8, rule);
            require(bits > 0, "must not be everybody: whoever may connect could claim to be anyone");
        }
        return text;
    }

    static String headerName(String text) {
        require(HEADER_NAME.matcher(text).matches(), "must be the name of a request header");
        return text;
    }

    static String userId(String text) {
        try {
            UserIds.check(text);
            return text;
        } catch (DocumentValidationException e) {
            throw new IllegalArgumentException("must be names of users: " + e.getMessage(), e);
        }
    }

    static String typePattern(String text) {
        String pattern = text.toLowerCase(Locale.ROOT);
        require(
                MediaTypePolicy.isPattern(pattern),
                "must be media types such as image/png, or families such as image/*");
        return pattern;
    }

    /** Where keys come from: nobody on the way there may be able to change them. */
    static String trustworthyAddress(String text) {
        String rule = "must be an https address, or an http address of this machine";
        try {
            require(text.isEmpty() || JwtOptions.isTrustworthy(new URI(text)), rule);
            return text;
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(rule, e);
        }
    }

    static String algorithm(String text) {
        require(
                JwtOptions.ALGORITHMS.contains(text),
                "must be some of " + JwtOptions.ALGORITHMS.stream().sorted().collect(Collectors.joining(", ")));
        return text;
    }

    /** A secret or name that goes to the database; a line end at its end is a usual mistake. */
    static String credential(String text) {
        require(text.chars().noneMatch(Character::isISOControl), "must not contain control characters or line ends");
        return text;
    }

    static <T> List<T> list(String text, Function<String, T> element) {
        return text.isBlank()
                ? List.of()
                : Arrays.stream(text.split(",", -1))
                        .map(part -> element.apply(part.strip()))
                        .toList();
    }

    /** As browsers write it in the header Origin: without a path, and without a port that is the usual one. */
    static String origin(String text) {
        String form = "https?://([a-z0-9.-]+|\\[[0-9a-f:.]+])(:[1-9][0-9]{0,4})?";
        require(
                text.matches(form) && !text.matches("http:.*:80|https:.*:443"),
                "must name origins such as https://example.org or http://localhost:3000, in lower case");
        return text;
    }

    static Path path(String text, Path workingDirectory) {
        try {
            return workingDirectory.resolve(text).normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("must be a path", e);
        }
    }

    /** {@code main=fs:/srv/docs,old=fs:/mnt/old}. */
    static List<Store> stores(String text, Path workingDirectory) {
        List<Store> stores = list(text, part -> store(part, workingDirectory));
        Set<String> names = new HashSet<>();
        List<Path> folders = new ArrayList<>();
        for (Store store : stores) {
            require(names.add(store.name()), "must not name the store \"" + store.name() + "\" twice");
            require(
                    folders.stream()
                            .noneMatch(f -> f.startsWith(store.folder())
                                    || store.folder().startsWith(f)),
                    "must give each store a folder of its own, outside the folders of the others");
            folders.add(store.folder());
        }
        return stores;
    }

    private static Store store(String text, Path workingDirectory) {
        String[] parts = text.split("\\s*=\\s*", 2);
        require(
                parts.length == 2 && parts[1].startsWith("fs:") && parts[1].length() > 3,
                "must be a list of NAME=fs:PATH, separated by commas");
        String name = parts[0];
        require(!name.equals("inline"), "must not name a store \"inline\": that is the one in the database");
        try {
            String valid = new StorageUrl(name, "x").store();
            return new Store(valid, path(parts[1].substring(3).strip(), workingDirectory));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "must name stores with 1 to 63 lower-case letters, digits and hyphens, a letter first, and give a path",
                    e);
        }
    }

    /** A URL of PostgreSQL as it is; one of H2 with its path made absolute. */
    static String databaseUrl(String text, Path workingDirectory) {
        require(text.chars().noneMatch(Character::isISOControl), "must not contain control characters or line ends");
        if (text.startsWith("jdbc:postgresql:") && text.length() > "jdbc:postgresql:".length()) {
            require(!POSTGRESQL_LOGIN.matcher(text).matches(), loginRule());
            return text;
        }
        String h2 = "jdbc:h2:file:";
        require(
                text.startsWith(h2) && text.length() > h2.length() && text.charAt(h2.length()) != ';',
                "must start with jdbc:postgresql: or jdbc:h2:file:");
        String[] parts = text.split(";");
        for (String part : Arrays.asList(parts).subList(1, parts.length)) {
            String name = part.replaceFirst("=.*", "").toUpperCase(Locale.ROOT);
            require(!Set.of("USER", "PASSWORD").contains(name.strip()), loginRule());
            require(!name.replace("\\", "").strip().equals("INIT"), "must not have INIT, which runs statements");
            require(
                    H2_SETTINGS.contains(name),
                    "may have no settings of H2 but "
                            + H2_SETTINGS.stream().sorted().collect(Collectors.joining(", ")));
        }
        String file = parts[0].substring(h2.length());
        parts[0] = h2 + (file.startsWith("~") ? file : path(file, workingDirectory));
        return String.join(";", parts);
    }

    /**
     * A database URL fit to be printed.
     *
     * @param whole whether parameters are shown, those with passwords without their values
     */
    static String withoutSecrets(String databaseUrl, boolean whole) {
        String anonymous = SettingSources.printable(databaseUrl).replaceFirst("//.*@", "//***@");
        return whole
                ? anonymous.replaceAll("(?i)([?&;][^=&;]*password[^=&;]*=)[^&;]*", "$1***")
                : anonymous.replaceFirst("([?;]).*", "$1***");
    }

    /** Any text, but without what stands before the host of an address in it. */
    static String withoutLogin(String text) {
        return text.replaceAll("//[^/]*@", "//***@");
    }

    private static String loginRule() {
        return "must not hold a user or password: set " + Setting.DATABASE_USER.variable() + " and "
                + Setting.DATABASE_PASSWORD.variable();
    }

    /** A literal address; the patterns see to it that the resolver is never asked. */
    private static Optional<InetAddress> address(String text) {
        if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static Duration times(long amount, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    private static String brief(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds > 0 && seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        return seconds > 0 && seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds + "s";
    }

    private static String iec(long bytes) {
        int power = bytes == 0 ? 0 : Math.min(4, Long.numberOfTrailingZeros(bytes) / 10);
        return power == 0 ? Long.toString(bytes) : (bytes >> (10 * power)) + "BKMGT".substring(power, power + 1) + "iB";
    }

    private static String kebab(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void require(boolean condition, String rule) {
        if (!condition) {
            throw new IllegalArgumentException(rule);
        }
    }
}
