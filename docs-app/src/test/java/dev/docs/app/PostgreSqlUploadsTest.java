package dev.docs.app;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

class PostgreSqlUploadsTest extends UploadAcceptance {
    @Override
    Map<String, String> database(Path data) {
        Map<String, String> flags = new LinkedHashMap<>(OwnPostgreSql.flags(data));
        flags.put("--usage-shards", "4");
        return flags;
    }
}
