func discounted(_ amount: Int) -> Int { amount * percent / 100 }

private let percent = 100
