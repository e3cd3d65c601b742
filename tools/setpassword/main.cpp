// mox-setpassword: sets the password of an account or of the admin pages.

#include "cli/main.hpp"
#include "tools/setpassword/setpassword.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::setpassword::tool(), argc, argv);
}
