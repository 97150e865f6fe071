package dev.docs.app;

import java.nio.file.Path;
import java.util.Map;

class PostgreSqlLinksTest extends LinksAcceptance {
    @Override
    Map<String, String> database(Path data) {
        return OwnPostgreSql.flags(data);
    }
}
