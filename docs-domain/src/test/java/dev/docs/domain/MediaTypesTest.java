package dev.docs.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The decision between what is declared and what is detected, and what patterns let in. */
class MediaTypesTest {
    /** A small world of types: text, its kinds, one name more for XML, and two that stand alone. */
    private static final MediaTypeDetector WORLD = new MediaTypeDetector() {
        private static final Map<String, String> GENERAL = Map.of(
                "text/csv",
                "text/plain",
                "text/html",
                "text/plain",
                "application/xml",
                "text/plain",
                "image/svg+xml",
                "application/xml");

        @Override
        public int headBytes() {
            return 1;
        }

        @Override
        public Optional<String> detect(ByteBuffer head, String name) {
            return Optional.empty();
        }

        @Override
        public boolean isKindOf(String type, String general) {
            String sought = canonical(general);
            for (String kind = canonical(type); kind != null; kind = GENERAL.get(kind)) {
                if (kind.equals(sought)) {
                    return true;
                }
            }
            return false;
        }

        private static String canonical(String type) {
            return type.equals("text/xml") ? "application/xml" : type;
        }

        @Override
        public boolean recognizes(String type) {
            return isKindOf(type, "text/plain") || type.equals("application/pdf");
        }
    };

    private static final List<String> TYPES = List.of(
            "text/plain",
            "text/csv",
            "text/html",
            "text/xml",
            "application/xml",
            "image/svg+xml",
            "application/pdf",
            "application/x-msdownload",
            "application/octet-stream",
            "application/vnd.acme");

    @Example
    void nothing_said_and_nothing_shown_is_bytes() {
        effective(null, null, "application/octet-stream");
    }

    @Example
    void what_shows_nothing_is_what_its_sender_says_if_it_need_not_show_it() {
        effective("application/vnd.acme", null, "application/vnd.acme");
        effective("application/octet-stream", null, "application/octet-stream");
        assertThat(MediaTypes.effective("application/pdf", null, MediaTypeDetector.NONE))
                .isEqualTo("application/pdf");
    }

    @Example
    void what_would_have_shown_itself_is_not_believed() {
        effective("application/pdf", null, "application/octet-stream");
        effective("text/csv", null, "application/octet-stream");
    }

    @Example
    void what_is_shown_counts_where_nothing_or_nothing_definite_is_said() {
        effective(null, "application/pdf", "application/pdf");
        effective("application/octet-stream", "text/plain", "text/plain");
    }

    @Example
    void both_agree() {
        effective("application/pdf", "application/pdf", "application/pdf");
        effective("text/xml", "application/xml", "application/xml");
    }

    @Example
    void a_sender_may_be_more_precise_than_the_bytes() {
        effective("text/csv", "text/plain", "text/csv");
        effective("image/svg+xml", "application/xml", "image/svg+xml");
    }

    @Example
    void bytes_may_be_more_precise_than_the_sender() {
        effective("text/plain", "text/csv", "text/csv");
        effective("text/plain", "text/html", "text/html");
        effective("application/xml", "image/svg+xml", "image/svg+xml");
    }

    @Example
    void bytes_are_believed_where_both_disagree() {
        effective("application/pdf", "application/x-msdownload", "application/x-msdownload");
        effective("text/csv", "text/html", "text/html");
        effective("image/png", "text/plain", "text/plain");
    }

    @Property
    void no_claim_makes_content_what_its_bytes_speak_against(
            @ForAll @From("types") String declared, @ForAll @From("types") String detected) {
        String effective = MediaTypes.effective(declared, detected, WORLD);
        assertThat(WORLD.isKindOf(effective, detected)).isTrue();
    }

    @Example
    void patterns_are_types_and_families() {
        for (String pattern : List.of("image/png", "image/*", "*/*", "application/vnd.a+xml")) {
            assertThat(MediaTypePolicy.isPattern(pattern)).as(pattern).isTrue();
        }
        for (String pattern : List.of("", "*", "image", "image/", "*/png", "Image/PNG", "image/p*", "a/b; c=d", "/*")) {
            assertThat(MediaTypePolicy.isPattern(pattern)).as(pattern).isFalse();
            assertThatIllegalArgumentException().isThrownBy(() -> MediaTypePolicy.allowing(pattern));
        }
    }

    @Example
    void what_is_allowed_is_let_in_and_nothing_else() {
        MediaTypePolicy policy = MediaTypePolicy.allowing("application/pdf", "image/*", "text/xml");
        lets(policy, "application/pdf", "application/pdf");
        lets(policy, "image/svg+xml", "text/plain");
        lets(policy, "application/xml", null);
        refuses(policy, "text/plain", null);
        refuses(policy, "application/x-msdownload", "application/x-msdownload");
        refuses(policy, "imagery/png", null);
    }

    @Example
    void what_is_denied_is_refused_by_either_name_also_where_it_is_allowed() {
        MediaTypePolicy policy = new MediaTypePolicy(List.of("text/*"), List.of("text/html", "application/xml"));
        lets(policy, "text/csv", "text/plain");
        refuses(policy, "text/html", "text/plain");
        refuses(policy, "text/xml", null);
        refuses(MediaTypePolicy.denying("text/plain"), "text/csv", "text/plain");
        refuses(MediaTypePolicy.denying("*/*"), "a/b", null);
        lets(MediaTypePolicy.ANY, "a/b", "c/d");
    }

    @Example
    void a_refusal_names_what_was_found_and_what_is_allowed() {
        DocumentTypeException refused = refuses(
                MediaTypePolicy.allowing("application/pdf", "image/*"),
                "application/x-msdownload",
                "application/x-msdownload");
        assertThat(refused)
                .hasMessage("content detected as application/x-msdownload is not allowed;"
                        + " allowed are application/pdf, image/*");
        assertThat(refused.kind()).isEqualTo(DocumentException.Kind.TYPE_NOT_ALLOWED);
        assertThat(refuses(MediaTypePolicy.denying("text/html"), "text/html", "text/plain"))
                .hasMessage("content detected as text/plain and declared as text/html is not allowed;"
                        + " everything is but text/html");
        assertThat(refuses(MediaTypePolicy.allowing("image/*"), "a/b", null))
                .hasMessage("content of the type a/b is not allowed; allowed are image/*");
    }

    @Provide
    Arbitrary<String> types() {
        return Arbitraries.of(TYPES);
    }

    private static void effective(@Nullable String declared, @Nullable String detected, String effective) {
        assertThat(MediaTypes.effective(declared, detected, WORLD)).isEqualTo(effective);
    }

    private static void lets(MediaTypePolicy policy, String effective, @Nullable String detected) {
        assertThatCode(() -> policy.check(effective, detected, WORLD)).doesNotThrowAnyException();
    }

    private static DocumentTypeException refuses(MediaTypePolicy policy, String effective, @Nullable String detected) {
        DocumentTypeException refused =
                catchThrowableOfType(DocumentTypeException.class, () -> policy.check(effective, detected, WORLD));
        assertThat(refused).as(effective).isNotNull();
        return refused;
    }
}
