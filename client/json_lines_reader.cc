#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cell_check.h"
#include "client/row_reader.h"

namespace entente::client {
namespace {

using Json = nlohmann::json;
using Member = std::pair<std::string, std::string>;

// Collects one flat object; `problem` says why it is none. The library
// dictates the names and signatures.
class FlatObject final : public nlohmann::json_sax<Json> {
 public:
  std::vector<Member> members;
  std::string problem_key;
  std::string problem;

  bool null() override { return Add(""); }
  bool boolean(bool value) override { return Add(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override {
    return Add(absl::StrCat(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Add(absl::StrCat(value));
  }
  bool number_float(number_float_t, const string_t& spelling) override {
    return Add(spelling);
  }
  bool string(string_t& value) override { return Add(value); }
  bool binary(binary_t&) override { return Refuse("binary data"); }
  bool start_object(size_t) override {
    return depth_++ == 0 || Refuse("a value inside a value");
  }
  bool end_object() override { return true; }
  bool start_array(size_t) override {
    return Refuse(depth_ == 0 ? "no object" : "a list");
  }
  bool end_array() override { return true; }
  bool key(string_t& name) override {
    key_ = name;
    return keys_.insert(name).second || Refuse("the key stands twice");
  }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    key_.clear();
    return Refuse(absl::StrCat("not JSON, at character ", position));
  }

 private:
  bool Add(std::string value) {
    if (depth_ == 0) return Refuse("no object");
    members.emplace_back(key_, std::move(value));
    return true;
  }
  bool Refuse(std::string why) {
    if (problem.empty()) {
      problem = std::move(why);
      problem_key = key_;
    }
    return false;
  }

  int depth_ = 0;
  std::string key_;
  std::set<std::string> keys_;
};

class JsonLinesReader final : public RowReader {
 public:
  JsonLinesReader(std::istream* in, bool trim) : in_(*in), trim_(trim) {}

  absl::Status ReadFirst() {
    const absl::StatusOr<bool> read = ReadLine();
    if (!read.ok()) return read.status();
    if (!*read) return absl::InvalidArgumentError("empty: there is no row");
    FlatObject object;
    Parse(&object);
    if (!object.problem.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", line_, ": ", object.problem));
    }
    for (const Member& member : object.members) {
      columns_.push_back(member.first);
    }
    again_ = true;
    return CheckColumns(columns_);
  }

  const std::vector<std::string>& columns() const override { return columns_; }

  absl::StatusOr<bool> Next(Row* row, std::vector<BadRow>* bad) override {
    while (true) {
      if (!std::exchange(again_, false)) {
        const absl::StatusOr<bool> read = ReadLine();
        if (!read.ok() || !*read) return read;
      }
      ++number_;
      FlatObject object;
      Parse(&object);
      *row = {number_, line_, std::vector<std::string>(columns_.size())};
      if (object.problem.empty()) Fill(&object, row);
      if (object.problem.empty()) return true;
      const bool known = std::find(columns_.begin(), columns_.end(),
                                   object.problem_key) != columns_.end();
      bad->push_back({number_, line_, known ? object.problem_key : "",
                      std::move(object.problem)});
    }
  }

 private:
  // The next line that is not blank.
  absl::StatusOr<bool> ReadLine() {
    while (std::getline(in_, text_)) {
      ++line_;
      if (!absl::StripAsciiWhitespace(text_).empty()) return true;
    }
    if (in_.bad()) return absl::UnavailableError("reading failed");
    return false;
  }

  void Parse(FlatObject* object) {
    if (text_.size() > kMaxRowBytes) {
      object->problem = "the row is too long";
    } else if (std::string problem =
                   CellProblem(text_.size() > kMaxCellBytes ? "" : text_);
               !problem.empty()) {
      object->problem = std::move(problem);
    } else {
      Json::sax_parse(text_, object);
    }
  }

  void Fill(FlatObject* object, Row* row) {
    for (auto& [name, value] : object->members) {
      const auto column = std::find(columns_.begin(), columns_.end(), name);
      object->problem_key = name;
      if (column == columns_.end()) {
        object->problem = "a key that the first row does not have";
        return;
      }
      if (trim_) value = std::string(absl::StripAsciiWhitespace(value));
      object->problem = CellProblem(value);
      if (!object->problem.empty()) return;
      row->cells[static_cast<size_t>(column - columns_.begin())] =
          std::move(value);
    }
  }

  std::istream& in_;
  const bool trim_;
  std::string text_;
  bool again_ = false;  // text_ is the first row, not yet given out
  uint64_t line_ = 0;
  uint64_t number_ = 0;
  std::vector<std::string> columns_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowReader>> ReadJsonLines(std::istream* in,
                                                         bool trim) {
  auto reader = std::make_unique<JsonLinesReader>(in, trim);
  if (absl::Status read = reader->ReadFirst(); !read.ok()) return read;
  return reader;
}

}  // namespace entente::client
