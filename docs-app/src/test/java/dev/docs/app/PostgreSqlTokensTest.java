package dev.docs.app;

import java.nio.file.Path;
import java.util.Map;

class PostgreSqlTokensTest extends TokenAcceptance {
    @Override
    Map<String, String> database(Path data) {
        return OwnPostgreSql.flags(data);
    }
}
