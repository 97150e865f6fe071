package dev.docs.adapter.http;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Leaves of Accept-Encoding what is to be done about it (RFC 9110, section 12.5.3). Jetty takes {@code *} for every coding, also
 * those that are refused beside it, and any coding for better than none.
 */
final class BestCoding extends Handler.Wrapper {
    static final String IDENTITY = "identity";

    /** Among equals the first one that the client names, and of those it does not name the first one here. */
    static final List<String> KNOWN = List.of("gzip", "br", "zstd");

    private static final Pattern ITEM = Pattern.compile(
            "\\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\\s*(?:;\\s*[qQ]\\s*=\\s*(0(?:\\.\\d{0,3})?|1(?:\\.0{0,3})?)\\s*)?");

    BestCoding(Handler handler) {
        super(handler);
    }

    /** The coding that a client likes best. What is not of the header's form is left out. */
    static String of(String accepted) {
        Map<String, Double> weights = new LinkedHashMap<>();
        for (String item : accepted.split(",")) {
            Matcher matcher = ITEM.matcher(item);
            if (matcher.matches()) {
                double weight = matcher.group(2) == null ? 1 : Double.parseDouble(matcher.group(2));
                weights.putIfAbsent(matcher.group(1).toLowerCase(Locale.ROOT), weight);
            }
        }
        double others = weights.getOrDefault("*", 0.0);
        KNOWN.forEach(coding -> weights.putIfAbsent(coding, others));
        // accepted by everybody who does not refuse it, and liked by those who name it
        String best = IDENTITY;
        double highest = weights.getOrDefault(IDENTITY, 0.0);
        for (Map.Entry<String, Double> each : weights.entrySet()) {
            if (KNOWN.contains(each.getKey()) && each.getValue() > highest) {
                best = each.getKey();
                highest = each.getValue();
            }
        }
        return best;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        List<String> accepted = request.getHeaders().getValuesList(HttpHeader.ACCEPT_ENCODING);
        if (accepted.isEmpty()) {
            return super.handle(request, response, callback);
        }
        HttpFields best = HttpFields.build(request.getHeaders())
                .put(HttpHeader.ACCEPT_ENCODING, of(String.join(",", accepted)))
                .asImmutable();
        return super.handle(
                new Request.Wrapper(request) {
                    @Override
                    public HttpFields getHeaders() {
                        return best;
                    }
                },
                response,
                callback);
    }
}
