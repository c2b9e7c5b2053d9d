# Data sets and values of published examples, for tests/modelling/test_published.py.
#
#   Rscript tests/golden/published.R [output folder = published beside this script]
#
# Writes a small table a data set and r_values.json: what R itself gives, with all its digits, for
# examples whose printed value is rounded and for those that nobody has printed. Wherever a package
# of R has the estimator it is that package's; only the enumerations and the profile are written out,
# and the smooth is given the knots of ours. published.json, beside this script, is written by hand:
# what was printed, where, and how close we must come. norris.csv is NIST's and not made here.

suppressPackageStartupMessages({
  library(MASS)
  library(AER)
  library(plm)
  library(sandwich)
  library(clubSandwich)
  library(metafor)
  library(strucchange)
  library(mgcv)
  library(jsonlite)
})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
args <- commandArgs(TRUE)
out <- if (length(args) >= 1) args[1] else file.path(dirname(script), "published")
dir.create(out, showWarnings = FALSE)
invisible(Sys.setlocale("LC_COLLATE", "C"))

values <- list()
keep <- function(.example, ...) values[[.example]] <<- list(...)
save_table <- function(frame, name) {
  write.csv(frame, file.path(out, paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
}
tight <- glm.control(epsilon = 1e-14, maxit = 200)
months_of <- function(series) {
  year <- floor(time(series) + 1e-6)
  sprintf("%04d-%02d", year, as.integer(round((time(series) - year) * 12)) + 1L)
}

# --------------------------------------------------- least squares, clusters -----

data("PetersenCL", package = "sandwich")
connection <- gzfile(file.path(out, "petersen.csv.gz"), "w")
write.csv(format(PetersenCL, digits = 9, trim = TRUE), connection, row.names = FALSE, quote = FALSE)
close(connection)
fit <- lm(y ~ x, PetersenCL)
keep("petersen",
  x = coef(fit)[["x"]],
  se_ols = sqrt(vcov(fit)["x", "x"]),
  se_firm = sqrt(vcovCL(fit, ~firm)["x", "x"]),
  se_year = sqrt(vcovCL(fit, ~year)["x", "x"])
)

data("Grunfeld", package = "plm")
save_table(Grunfeld, "grunfeld")
one <- plm(inv ~ value + capital, Grunfeld, model = "within")
two <- plm(inv ~ value + capital, Grunfeld, model = "within", effect = "twoways")
keep("grunfeld",
  value_unit = coef(one)[["value"]], capital_unit = coef(one)[["capital"]],
  value_both = coef(two)[["value"]], capital_both = coef(two)[["capital"]]
)

data("Fatalities", package = "AER")
fatal <- data.frame(
  state = Fatalities$state, year = Fatalities$year,
  rate = Fatalities$fatal / Fatalities$pop * 1e4, beertax = Fatalities$beertax
)
save_table(format(fatal, digits = 12, trim = TRUE), "fatalities")
# The small-sample factor counts the regressor and the effects of years but one, and no effect of
# a state, for these are nested in the clusters (Stata counts one constant more).
within_se <- function(formula, data, term, counted) {
  fit <- lm(formula, data)
  plain <- vcovCL(fit, data$state, type = "HC0", cadjust = FALSE)[term, term]
  groups <- length(unique(data$state))
  sqrt(plain * groups / (groups - 1) * (nrow(data) - 1) / (nrow(data) - counted))
}
by_state <- lm(rate ~ beertax + state, fatal)
by_both <- lm(rate ~ beertax + state + year, fatal)
keep("fatalities",
  pooled = coef(lm(rate ~ beertax, fatal))[["beertax"]],
  unit = coef(by_state)[["beertax"]], both = coef(by_both)[["beertax"]],
  se_unit = within_se(rate ~ beertax + state, fatal, "beertax", 1),
  se_both = within_se(rate ~ beertax + state + year, fatal, "beertax", 7)
)

data("MortalityRates", package = "clubSandwich")
mlda <- subset(MortalityRates, cause == "Motor Vehicle" & year <= 1983 & !is.na(beertaxa))
mlda <- mlda[c("state", "year", "mrate", "legal", "beertaxa")]
save_table(format(mlda, digits = 12, trim = TRUE), "mlda")
fit <- lm(mrate ~ 0 + legal + beertaxa + factor(state) + factor(year), mlda)
error <- function(type, term) sqrt(vcovCR(fit, cluster = mlda$state, type = type)[term, term])
# CR3 is the jackknife without the factor (G - 1)/G. State effects are absorbed, for each lives in
# one cluster; year effects must be estimated again without each state, so they are regressors.
absorbed <- plm(mrate ~ legal + beertaxa + factor(year), mlda, effect = "individual",
  index = c("state", "year"))
jackknife <- sqrt(diag(vcovCR(absorbed, type = "CR3", cluster = "individual")))
keep("mlda",
  legal = coef(fit)[["legal"]], beertaxa = coef(fit)[["beertaxa"]],
  cr1_legal = error("CR1", "legal"), cr1_beertaxa = error("CR1", "beertaxa"),
  cr3_legal = jackknife[["legal"]], cr3_beertaxa = jackknife[["beertaxa"]],
  groups = length(unique(mlda$state)), n = nrow(mlda), years = length(unique(mlda$year))
)

# Wampler's polynomials: NIST defines them by their coefficients, the last three with errors.
x <- 0:20
powers <- outer(x, 1:5, "^")
noise <- c(759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048, -2048, 1838, -2048,
  2048, -2048, 2523, -2048, 2048, -2048, 759)
exact <- 1 + rowSums(powers)
wampler <- data.frame(x, powers, exact, drop(1 + powers %*% 10^-(1:5)), exact + noise,
  exact + 100 * noise, exact + 10000 * noise)
names(wampler) <- c("i", paste0("x", 1:5), paste0("y", 1:5))
save_table(format(wampler, digits = 15, trim = TRUE, scientific = FALSE, drop0trailing = TRUE),
  "wampler")

# ------------------------------------------ enumerated wild scores and swaps -----

webb <- c(-sqrt(3 / 2), -1, -sqrt(1 / 2), sqrt(1 / 2), 1, sqrt(3 / 2))
project <- function(y, design) y - design %*% qr.solve(design, y)
statistic <- function(scores) abs(sum(scores)) / sqrt(sum(scores^2))
few <- function(firms) {
  rows <- subset(Grunfeld, firm %in% firms)
  rows$f <- factor(rows$firm)
  rows$t <- factor(rows$year)
  effects <- model.matrix(~ f + t + value, rows)
  residual <- project(rows$inv, effects)
  list(rows = rows, effects = effects, residual = residual, x = project(rows$capital, effects))
}
five <- few(2:6)
scores <- c(tapply(five$residual * five$x, five$rows$firm, sum))
weights <- as.matrix(expand.grid(rep(list(webb), 5)))
drawn <- abs(weights %*% scores) / sqrt(weights^2 %*% scores^2)
six <- few(1:6)
orders <- as.matrix(expand.grid(rep(list(1:6), 6)))
orders <- orders[apply(orders, 1, function(order) length(unique(order)) == 6), ]
capital <- matrix(six$rows$capital, ncol = 6)
swapped <- apply(orders, 1, function(order) {
  x <- project(c(capital[, order]), six$effects)
  statistic(tapply(six$residual * x, six$rows$firm, sum))
})
observed <- statistic(tapply(six$residual * six$x, six$rows$firm, sum))
keep("enumerated",
  wild_statistic = sum(scores) / sqrt(sum(scores^2)),
  wild_p = mean(drawn >= statistic(scores) * (1 - 1e-10)), wild_draws = nrow(weights),
  swap_statistic = observed,
  swap_p = mean(swapped >= observed * (1 - 1e-10)), swap_draws = nrow(orders)
)

# -------------------------------------------------------------- counts -----

data("ships", package = "MASS")
exposed <- subset(ships, service > 0)
save_table(exposed, "ships")
exposed$year <- factor(exposed$year)
exposed$period <- factor(exposed$period)
fit <- glm(incidents ~ type + year + period + offset(log(service)), quasipoisson, exposed,
  control = tight)
keep("ships", coefficients = as.list(coef(fit)[-1]),
  std_errors = as.list(sqrt(diag(vcov(fit)))[-1]), dispersion = summary(fit)$dispersion)

data("NMES1988", package = "AER")
nmes <- with(NMES1988, data.frame(
  visits, hospital, poor = +(health == "poor"), excellent = +(health == "excellent"), chronic,
  male = +(gender == "male"), school, insurance = +(insurance == "yes")
))
save_table(nmes, "nmes")
fit <- glm.nb(visits ~ ., nmes, control = tight)
keep("nmes", coefficients = as.list(coef(fit)), std_errors = as.list(sqrt(diag(vcov(fit)))),
  alpha = 1 / fit$theta, log_likelihood = as.numeric(logLik(fit)))

# -------------------------------------------------------- Newey and West -----

data("Investment", package = "sandwich")
invest <- na.omit(as.data.frame(Investment)[c("RealInv", "RealGNP", "RealInt")])
save_table(format(invest, digits = 15, trim = TRUE), "investment")
fit <- lm(RealInv ~ RealGNP + RealInt, invest)
keep("investment", coefficients = as.list(coef(fit)),
  std_errors = as.list(sqrt(diag(NeweyWest(fit, lag = 4, prewhite = FALSE)))))

# ------------------------------------------------ pooling, many tests -----

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
save_table(data.frame(trial = bcg$trial, effect = as.numeric(bcg$yi), variance = bcg$vi), "bcg")
pooled <- rma(yi, vi, data = bcg, method = "DL")
keep("bcg", estimate = pooled$b[1], std_error = pooled$se, tau2 = pooled$tau2,
  i2 = pooled$I2 / 100, q = pooled$QE)
thrombolysis <- c(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
  0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000)
keep("bh", p = thrombolysis, q = p.adjust(thrombolysis, "BH"))

# -------------------------------------------------------------- series -----

save_table(data.frame(year = as.integer(time(Nile)), flow = as.integer(Nile)), "nile")
level <- StructTS(Nile, "level")
ahead <- predict(level, n.ahead = 1)
trended <- data.frame(flow = log(as.numeric(Nile)), year = as.integer(time(Nile)))
breaks <- breakpoints(flow ~ year, data = trended, h = 12, breaks = 5)
keep("nile",
  level = level$coef[["level"]], epsilon = level$coef[["epsilon"]],
  next_year = as.numeric(ahead$pred), next_se = as.numeric(ahead$se),
  mean_break = as.integer(time(Nile))[breakpoints(Nile ~ 1)$breakpoints],
  trend_break = trended$year[breaks$breakpoints], trend_bic = BIC(breaks),
  trend_bics = unname(summary(breaks)$RSS["BIC", ])
)

save_table(data.frame(month = months_of(AirPassengers), passengers = as.integer(AirPassengers)),
  "airline")
log_air <- log(AirPassengers)
airline <- arima(log_air, c(0, 1, 1), list(order = c(0, 1, 1), period = 12),
  optim.control = list(reltol = 1e-14))
next_year <- predict(airline, 12)
keep("airline", ma = coef(airline)[["ma1"]], sma = coef(airline)[["sma1"]],
  sigma2 = airline$sigma2, log_likelihood = as.numeric(logLik(airline)),
  forecast = as.numeric(exp(next_year$pred)),
  low = as.numeric(exp(next_year$pred - qnorm(0.975) * next_year$se)),
  high = as.numeric(exp(next_year$pred + qnorm(0.975) * next_year$se)))

belts <- data.frame(month = months_of(Seatbelts), killed = as.integer(Seatbelts[, "DriversKilled"]),
  drivers = as.integer(Seatbelts[, "drivers"]), kms = as.integer(Seatbelts[, "kms"]))
save_table(belts, "seatbelts")
n <- nrow(belts)
m <- rep(1:12, length.out = n)
years <- (seq_len(n) - 1) / 12
start <- which(belts$month == "1983-02")
design <- data.frame(
  years,
  sin1 = sin(2 * pi * m / 12), cos1 = cos(2 * pi * m / 12),
  sin2 = sin(4 * pi * m / 12), cos2 = cos(4 * pi * m / 12),
  step = +(seq_len(n) >= start), slope = pmax(0, years - years[start])
)
frame <- cbind(design, killed = belts$killed, kms = belts$kms)
fit <- glm(killed ~ . - kms + offset(log(kms)), quasipoisson, frame, control = tight)
fit <- glm(killed ~ . - kms + offset(log(kms)), quasipoisson, frame, control = tight,
  start = coef(fit))
hac <- sqrt(diag(NeweyWest(fit, lag = 6, prewhite = FALSE, adjust = FALSE)))
errors <- arima(log(belts$killed / belts$kms), c(1, 0, 0), xreg = as.matrix(cbind(1, design)),
  include.mean = FALSE, method = "ML",
  # Steps of the numerical second derivative: R's own, ten times as long, cost two digits.
  optim.control = list(reltol = 1e-15, maxit = 1000, ndeps = rep(1e-4, 9)))
picked <- c("years", "step", "slope")
keep("seatbelts",
  coefficients = as.list(coef(fit)[picked]), hac = as.list(hac[picked]),
  dispersion = summary(fit)$dispersion,
  ar1_coefficients = as.list(coef(errors)[picked]), rho = coef(errors)[["ar1"]],
  ar1_std_errors = as.list(sqrt(diag(vcov(errors)))[picked])
)

# One bend in the log rate: deviance at every month, as glm gives it.
profile_at <- function(i) {
  bend <- pmax(0, years - years[i])
  glm(belts$killed ~ years + sin1 + cos1 + sin2 + cos2 + bend + offset(log(belts$kms)), poisson,
    design, control = tight)
}
candidates <- 13:(n - 12)
fits <- lapply(candidates, profile_at)
deviances <- sapply(fits, deviance)
best <- fits[[which.min(deviances)]]
phi <- sum(residuals(best, "pearson")^2) / best$df.residual
inside <- candidates[(deviances - min(deviances)) / phi <= qchisq(0.95, 1)]
keep("bend",
  month = belts$month[candidates[which.min(deviances)]],
  low = belts$month[min(inside)], high = belts$month[max(inside)],
  before = coef(best)[["years"]], change = coef(best)[["bend"]], dispersion = phi,
  deviance = min(deviances)
)

# A P-spline of time and a cyclic one of the month by mgcv, over the grid of smoothing
# parameters. mgcv rescales its penalties, so the parameters are divided by that scale.
belts$t <- seq_len(n) - 1
belts$m <- m - 1
inner <- n %/% 6
step <- (n - 1) / (inner + 1)
knots <- list(t = step * (-3:(inner + 4)), m = c(0, 12))
terms <- list(s(t, bs = "ps", m = c(2, 2), k = inner + 4), s(m, bs = "cp", m = c(2, 2), k = 6))
scales <- sapply(terms, function(term) {
  smoothCon(term, belts, knots, absorb.cons = TRUE, scale.penalty = TRUE)[[1]]$S.scale
})
smooth_at <- function(trend, season) {
  gam(killed ~ s(t, bs = "ps", m = c(2, 2), k = inner + 4) + s(m, bs = "cp", m = c(2, 2), k = 6),
    quasipoisson, belts, offset = log(kms), knots = knots, scale = -1, method = "GCV.Cp",
    sp = mean(belts$killed) * c(trend, season) * scales,
    control = gam.control(scale.est = "pearson", epsilon = 1e-12, mgcv.tol = 1e-12))
}
grid <- expand.grid(trend = 10^seq(-1, 2, 0.25), season = 10^(-2:2))
scores <- mapply(function(trend, season) smooth_at(trend, season)$gcv.ubre, grid$trend, grid$season)
best <- smooth_at(grid$trend[which.min(scores)], grid$season[which.min(scores)])
frame <- predict(best, type = "lpmatrix")
frame[, grep("s(m)", colnames(frame), fixed = TRUE)] <- 0
keep("smooth",
  smoothing = grid$trend[which.min(scores)], edf = sum(best$edf), dispersion = best$scale,
  rate = exp(drop(frame %*% coef(best))),
  std_error = sqrt(rowSums((frame %*% vcov(best)) * frame))
)

write_json(values, file.path(out, "r_values.json"), auto_unbox = TRUE, digits = NA, pretty = TRUE)
message(sprintf("%d examples by %s", length(values), R.version.string))
