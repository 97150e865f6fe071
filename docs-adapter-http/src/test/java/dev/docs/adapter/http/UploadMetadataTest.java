package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Collectors;

class UploadMetadataTest {
    @Property
    void whatIsWrittenAsTheProtocolSaysIsRead(
            @ForAll @Size(max = 8)
                    Map<
                                    @NotEmpty @StringLength(max = 20) @CharRange(from = 'A', to = 'z') String,
                                    @StringLength(max = 40) String>
                            pairs) {
        String header = pairs.entrySet().stream()
                .map(pair -> pair.getKey() + " " + base64(pair.getValue()))
                .collect(Collectors.joining(","));

        UploadMetadata metadata = UploadMetadata.parse(header);

        pairs.forEach((key, value) -> assertThat(metadata.get(key)).isEqualTo(utf8(value)));
        assertThat(metadata.get("no such key")).isNull();
        assertThat(UploadMetadata.parse(metadata.text()).text()).isEqualTo(metadata.text());
    }

    /** And what is told again breaks no header. */
    @Property(tries = 5000)
    void anythingIsReadOrRefused(@ForAll @StringLength(max = 60) @CharRange(from = 0, to = 300) String header) {
        try {
            UploadMetadata metadata = UploadMetadata.parse(header);
            assertThat(metadata.text()).matches("[ -~\\t]*");
            metadata.get("filename");
        } catch (Problem.Raised refused) {
            assertThat(refused.problem().status()).isEqualTo(400);
        }
    }

    @Example
    void aValueMayBeMissingOrEmpty() {
        UploadMetadata metadata = UploadMetadata.parse("confidential,filename ,metadata e30=");

        assertThat(metadata.get("confidential")).isEmpty();
        assertThat(metadata.given("filename")).isNull();
        assertThat(metadata.given("metadata")).isEqualTo("{}");
        assertThat(UploadMetadata.parse(null).get("filename")).isNull();
    }

    @Example
    void whatIsNoTextIsRefusedWhereTextIsWanted() {
        UploadMetadata metadata = UploadMetadata.parse("filename /w==,other /w==");

        assertThatThrownBy(() -> metadata.get("filename")).isInstanceOf(Problem.Raised.class);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String utf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
