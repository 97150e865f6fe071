package dev.docs.app;

import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where values come from: flags, environment, configuration file and defaults, in this order. System properties are
 * not read, and nothing in a value is expanded: a {@code $} in a password is a {@code $}.
 */
final class SettingSources {
    static final String CONFIG_FLAG = "--config";
    static final String CONFIG_VARIABLE = "DOCS_CONFIG";

    private static final String DEFAULT = "default";
    private static final String FLAG = "flag";
    private static final String ENVIRONMENT = "environment";
    private static final String FILE = "file ";

    /** Not settings; the second one is for the script that starts the server. */
    private static final Set<String> OTHER_VARIABLES = Set.of(CONFIG_VARIABLE, "DOCS_JAVA_OPTS");

    /** What Kubernetes tells every container about a service called "docs"; nobody set these. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile("DOCS_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_[0-9]+_.*)=.*|DOCS_PORT=[a-z]+://.*");

    private final SmallRyeConfig config;
    private final String file;

    /** @param problems receives what is wrong with the names and with the file */
    SettingSources(
            Map<String, String> flags, Map<String, String> environment, Path workingDirectory, List<String> problems) {
        Map<String, String> variables = environment.entrySet().stream()
                .filter(e -> e.getKey().startsWith("DOCS_") && !OTHER_VARIABLES.contains(e.getKey()))
                .filter(e ->
                        !SERVICE_LINK.matcher(e.getKey() + "=" + e.getValue()).matches())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        Map<String, String> options = new LinkedHashMap<>(flags);
        options.remove(CONFIG_FLAG);
        Map<String, String> defaults =
                Arrays.stream(Setting.values()).collect(Collectors.toMap(Setting::key, Setting::defaultText));
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(defaults, DEFAULT, 100))
                .withSources(source(variables, Setting::variable, ENVIRONMENT, 300, problems))
                .withSources(source(options, Setting::flag, FLAG, 400, problems));
        String option = flags.getOrDefault(CONFIG_FLAG, "");
        boolean asked = !option.isBlank();
        file = (asked ? option : environment.getOrDefault(CONFIG_VARIABLE, "")).strip();
        if (!file.isEmpty()) {
            String name = asked ? CONFIG_FLAG : CONFIG_VARIABLE;
            Map<String, String> values = fromFile(name, file, workingDirectory, problems);
            builder.withSources(source(values, Setting::key, FILE + file, 200, problems));
        }
        config = builder.build();
    }

    /** The value that counts, and the name of its source. */
    Value value(Setting setting) {
        ConfigValue value = config.getConfigValue(setting.key());
        String text = value.getValue();
        if (text == null) {
            return new Value("", DEFAULT);
        }
        String source = switch (value.getConfigSourceOrdinal()) {
            case 400 -> FLAG;
            case 300 -> ENVIRONMENT;
            case 200 -> FILE + file;
            default -> DEFAULT;
        };
        return new Value(setting.secret() ? text : text.strip(), source);
    }

    /** @param source {@code default}, {@code flag}, {@code environment} or {@code file PATH} */
    record Value(String text, String source) {
        boolean isDefault() {
            return source.equals(DEFAULT);
        }

        /** The source in a sentence, with the name that the setting has there. */
        String origin(Setting setting) {
            if (source.equals(FLAG)) {
                return "from " + setting.flag();
            } else if (source.startsWith(FILE)) {
                return "from " + setting.key() + " in the " + source;
            }
            return isDefault() ? "the default" : "from the " + source;
        }
    }

    private static PropertiesConfigSource source(
            Map<String, String> values,
            Function<Setting, String> nameOf,
            String source,
            int ordinal,
            List<String> problems) {
        Map<String, Setting> known = Arrays.stream(Setting.values()).collect(Collectors.toMap(nameOf, s -> s));
        Map<String, String> byKey = new LinkedHashMap<>();
        new TreeMap<>(values).forEach((name, value) -> {
            Setting setting = known.get(name);
            if (setting == null) {
                problems.add("%s is not a setting (%s), did you mean %s?"
                        .formatted(printable(name), printable(source), nearest(name, known.keySet())));
            } else if (!(setting.secret() ? value.isEmpty() : value.isBlank())) {
                byKey.put(setting.key(), value);
            }
        });
        return new PropertiesConfigSource(byKey, source, ordinal);
    }

    private static Map<String, String> fromFile(
            String option, String file, Path workingDirectory, List<String> problems) {
        String problem;
        try (Reader reader = Files.newBufferedReader(workingDirectory.resolve(file))) {
            Properties properties = new Properties();
            properties.load(reader);
            return properties.stringPropertyNames().stream()
                    .collect(Collectors.toMap(name -> name, properties::getProperty));
        } catch (NoSuchFileException e) {
            problem = "does not exist";
        } catch (CharacterCodingException e) {
            problem = "is not UTF-8";
        } catch (InvalidPathException e) {
            problem = "is not a path";
        } catch (IllegalArgumentException e) {
            problem = "has a malformed \\u escape";
        } catch (IOException e) {
            problem = "cannot be read: " + e;
        }
        problems.add("the configuration file \"%s\" (from %s) %s".formatted(printable(file), option, problem));
        return Map.of();
    }

    /** Text without control characters, so that it keeps to its line. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /** The known name that is most like another one. */
    static String nearest(String name, Collection<String> known) {
        return known.stream()
                .sorted()
                .min(Comparator.comparingInt(candidate -> distance(canonical(name), canonical(candidate))))
                .orElseThrow();
    }

    private static String canonical(String name) {
        return name.toUpperCase(Locale.ROOT).replaceAll("^(--|DOCS[_.-])", "").replaceAll("[.-]", "_");
    }

    /** How many characters must be put in, taken out or replaced (Levenshtein). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
