/// Why a test's surroundings could not be made. Not for what is tested.
package struct TestKitError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
