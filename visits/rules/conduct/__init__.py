"""When, where and by whom a visit may be made, each rule with its clause."""
