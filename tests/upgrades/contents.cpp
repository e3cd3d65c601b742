#include "contents.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "db/inspect.hpp"
#include "junk/filter_db.hpp"
#include "queue/schema.hpp"
#include "reports/databases.hpp"
#include "store/schema.hpp"
#include "support/logical_dump.hpp"

namespace mox::test {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

void add_rows(std::vector<std::string>& lines, db::Database& database, const std::string& path) {
    std::vector<std::string> tables;
    for (const auto& [name] : database.rows<std::string>(
             "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"))
        tables.push_back(name);
    for (const auto& table : tables) {
        std::vector<std::string> columns;
        std::string list;
        for (const auto& [column] :
             database.rows<std::string>("SELECT name FROM pragma_table_info(?) ORDER BY cid", table)) {
            list += (columns.empty() ? "quote(" : ", quote(") + column + ")";
            columns.push_back(column);
        }
        db::Statement row = database.prepare("SELECT " + list + " FROM \"" + table + "\"");
        while (row.step()) {
            json values = json::object();
            for (std::size_t i = 0; i < columns.size(); ++i)
                values[columns[i]] = row.column<std::string>(static_cast<int>(i));
            lines.push_back(json{{"file", path}, {"table", table}, {"row", values}}.dump());
        }
    }
}

// Of rows: what stands before their values.
std::string table_of(const json& line) {
    return line.at("file").get<std::string>() + " " + line.value("table", "");
}

}  // namespace

std::vector<std::pair<fs::path, const db::Schema*>> databases_of(const datadir::Layout& layout) {
    std::vector<std::pair<fs::path, const db::Schema*>> found;
    const auto add = [&](const fs::path& path, const db::Schema& schema) {
        if (status_of(path)) found.emplace_back(path, &schema);
    };
    for (const auto& name : datadir::account_names(layout)) {
        add(layout.account_db(name), store::account_schema());
        add(layout.junk_filter_db(name), junk::filter_schema());
    }
    add(layout.queue_db(), queue::queue_schema());
    for (const auto& database : reports::directory_databases()) add((layout.*database.path)(), database.schema());
    return found;
}

std::vector<std::string> contents_of(const datadir::Layout& layout) {
    std::vector<std::string> lines;
    for (const auto& [path, schema] : databases_of(layout)) {
        auto database = db::open(path, *schema, {.access = db::Access::read_write});
        add_rows(lines, database, layout.relative(path));
    }
    for (const auto& [path, hash] : dump_tree(layout.root()))
        if (!hash.empty() && (path.find("/msg/") != std::string::npos || path.starts_with("queue/")) &&
            path.find(".db") == std::string::npos)
            lines.push_back(json{{"file", path}, {"sha256", hash}}.dump());
    std::ranges::sort(lines);
    return lines;
}

std::vector<std::string> differences(const std::vector<std::string>& expected, const std::vector<std::string>& actual) {
    // Rows of each table, reduced to the columns that the older version had.
    std::map<std::string, std::multiset<std::string>> wanted;
    std::map<std::string, std::set<std::string>> columns;
    for (const auto& text : expected) {
        const json line = json::parse(text);
        wanted[table_of(line)].insert(text);
        if (line.contains("row"))
            for (const auto& [name, value] : line.at("row").items()) columns[table_of(line)].insert(name);
    }
    std::vector<std::string> found;
    for (const auto& text : actual) {
        json line = json::parse(text);
        const auto table = wanted.find(table_of(line));
        if (table == wanted.end()) {
            if (!line.contains("row")) found.push_back("more: " + text);
            continue;
        }
        if (line.contains("row")) {
            json values = json::object();
            for (const auto& name : columns[table->first])
                if (line.at("row").contains(name)) values[name] = line.at("row").at(name);
            line["row"] = values;
        }
        const auto it = table->second.find(line.dump());
        if (it == table->second.end())
            found.push_back("more: " + text);
        else
            table->second.erase(it);
    }
    for (const auto& [table, rows] : wanted)
        for (const auto& row : rows) found.push_back("missing: " + row);
    return found;
}

std::vector<std::string> newest_versions() {
    std::set<std::string> found;
    const auto add = [&](const db::Schema& schema) {
        found.insert(std::string(schema.kind) + " " + std::to_string(schema.version()));
    };
    add(store::account_schema());
    add(junk::filter_schema());
    add(queue::queue_schema());
    for (const auto& database : reports::directory_databases()) add(database.schema());
    return {found.begin(), found.end()};
}

std::vector<std::string> versions_of(const datadir::Layout& layout) {
    std::set<std::string> found;
    for (const auto& [path, schema] : databases_of(layout)) {
        db::Untouched look(path, fs::temp_directory_path());
        found.insert(std::string(schema->kind) + " " + std::to_string(db::schema_version(look.database())));
    }
    return {found.begin(), found.end()};
}

}  // namespace mox::test
