#include "server/auth/password_cache.hpp"

#include <utility>

#include "auth/digest.hpp"
#include "base/encoding.hpp"

namespace mox::login {

PasswordCache::PasswordCache(const Clock& clock, Random& random, Matches slow) : clock_(clock), slow_(std::move(slow)) {
    random.fill(secret_);
}

PasswordCache::Key PasswordCache::key_of(const std::string& hash, std::string_view password) const {
    // A stored hash has no NUL.
    return auth::hmac(auth::Digest::sha256, as_text(secret_), (hash + '\0').append(password));
}

bool PasswordCache::is_known(const Key& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = checked_.find(key);
    if (found == checked_.end()) return false;
    const std::int64_t age = clock_.now().seconds - found->second;
    return age >= 0 && age < lifetime_seconds;  // negative: the clock was set back
}

void PasswordCache::keep(const Key& key) {
    const std::lock_guard lock(mutex_);
    if (!checked_.insert_or_assign(key, clock_.now().seconds).second) std::erase(order_, key);
    order_.push_back(key);
    if (order_.size() <= most_entries) return;
    checked_.erase(order_.front());
    order_.pop_front();
}

bool PasswordCache::matches(const std::string& hash, std::string_view password) {
    const Key key = key_of(hash, password);
    if (is_known(key)) return true;
    if (!slow_(hash, password)) return false;
    keep(key);
    return true;
}

std::size_t PasswordCache::size() const {
    const std::lock_guard lock(mutex_);
    return checked_.size();
}

}  // namespace mox::login
