# Reference values of the Guard models (inference by clusters, dynamics, multiverse), by a
# second implementation.
#
#   Rscript tests/golden/guard.R [raw folder = data/raw] [output = guard.json beside this script]
#
# Written without sight of the Python package, so that agreement means something.
# Only the published CSV tables go in; every number that leaves is a test value.
# models.json is read once, to prove that both programs fit the same first model.

suppressPackageStartupMessages(library(jsonlite))

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
args <- commandArgs(TRUE)
raw <- if (length(args) >= 1) args[1] else file.path("data", "raw")
out <- if (length(args) >= 2) args[2] else file.path(dirname(script), "guard.json")

# Neither sorting nor drawing may depend on whoever runs this.
invisible(Sys.setlocale("LC_COLLATE", "C"))
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
SEED <- 20190701L

WILD_DRAWS <- 2000000L
INTERVAL_DRAWS <- 200000L
PERMUTATION_DRAWS <- 20000L
REFIT_DRAWS <- 300L
SHOWN_REFITS <- 20L
WEBB <- c(-sqrt(3 / 2), -1, -sqrt(1 / 2), sqrt(1 / 2), 1, sqrt(3 / 2))
# Equal in exact arithmetic must count as equal: a constant vector of weights gives T itself.
TIE <- 1e-12
SIX <- c("02", "09", "11", "14", "16", "28")

# ---------------------------------------------------------------- months -----

month_number <- function(month) {
  12L * as.integer(substr(month, 1, 4)) + as.integer(substr(month, 6, 7)) - 1L
}
month_text <- function(number) sprintf("%04d-%02d", number %/% 12L, number %% 12L + 1L)
shift <- function(month, by) month_text(month_number(month) + as.integer(by))
months_between <- function(first, last) month_text(month_number(first):month_number(last))
year_of <- function(month) as.integer(substr(month, 1, 4))
days_in_month <- function(month) {
  as.integer(as.Date(paste0(shift(month, 1), "-01")) - as.Date(paste0(month, "-01")))
}

# ------------------------------------------------------------------ data -----

# Everything is read as text: "01" must not become 1.
read_table <- function(name) {
  read.csv(file.path(raw, paste0(name, ".csv")), colClasses = "character",
           encoding = "UTF-8", na.strings = "")
}

states <- sort(read_table("states")$cve_ent)
stopifnot(length(states) == 32)

population_of <- local({
  d <- read_table("conapo_population_state_year")
  population <- setNames(as.numeric(d$population), paste(d$cve_ent, d$year))
  function(cve_ent, month) unname(population[paste(cve_ent, year_of(month))])
})

# One full state x month grid per outcome, so that a missing row can not go unseen.
# Rows go by state, then month: the permutations below rely on it.
grid_of <- function(d, value) {
  d <- d[d$cve_ent %in% states, ]
  stopifnot(!anyDuplicated(paste(d$cve_ent, d$month)))
  months <- months_between(min(d$month), max(d$month))
  g <- expand.grid(month = months, cve_ent = states, stringsAsFactors = FALSE)
  y <- setNames(as.numeric(d[[value]]), paste(d$cve_ent, d$month))
  g$y <- unname(y[paste(g$cve_ent, g$month)])
  g$person_years <- population_of(g$cve_ent, g$month) * days_in_month(g$month) / 365.25
  stopifnot(!anyNA(g))
  g
}

victims <- read_table("sesnsp_victims_state_month")
victims$victims <- as.numeric(victims$victims)
victims_of <- function(crimes) {
  d <- victims[victims$crime %in% crimes, ]
  grid_of(aggregate(victims ~ cve_ent + month, d, sum), "victims")
}
# The nine months in which Oaxaca sent nothing (2015, 2016) lie outside every window here.
outcomes <- list(
  sesnsp = victims_of("intentional_homicide"),
  inegi = grid_of(read_table("inegi_homicides_state_month"), "homicides"),
  negligent = victims_of("negligent_homicide"),
  `sesnsp+femicides` = victims_of(c("intentional_homicide", "femicide")))
UNREPORTED_UNTIL <- "2016-10"

guards <- local({
  d <- read_table("guard_deployment_state_month")
  d$guards <- as.numeric(d$guards)
  total <- sum(d$guards)
  # Three states carry each other's figures in this month.
  for (fix in list(c("09", 12224), c("05", 2173), c("06", 979))) {
    d$guards[d$month == "2021-03" & d$cve_ent == fix[1]] <- as.numeric(fix[2])
  }
  stopifnot(nrow(d) == 32 * 25, all(d$guards > 0), sum(d$guards) == total)
  # Guards are told per head of the month they were counted in.
  d$per_100k <- 1e5 * d$guards / population_of(d$cve_ent, d$month)
  d
})
codings <- list(
  `log guards per 100k` = setNames(log(guards$per_100k), paste(guards$cve_ent, guards$month)),
  `log guards` = setNames(log(guards$guards), paste(guards$cve_ent, guards$month)),
  `guards per 100k` = setNames(guards$per_100k, paste(guards$cve_ent, guards$month)))

sanity <- local({
  of <- function(name, first, last) {
    d <- outcomes[[name]]
    sum(d$y[d$month >= first & d$month <= last])
  }
  list(sesnsp_2024 = of("sesnsp", "2024-01", "2024-12"),
       sesnsp_2018_12_to_2023_11 = of("sesnsp", "2018-12", "2023-11"),
       guards_2021_07 = sum(guards$guards[guards$month == "2021-07"]),
       window_sesnsp = of("sesnsp", "2019-07", "2021-07"),
       window_inegi = of("inegi", "2019-07", "2021-07"),
       window_negligent = of("negligent", "2019-07", "2021-07"),
       window_sesnsp_femicides = of("sesnsp+femicides", "2019-07", "2021-07"))
})
stopifnot(identical(unname(unlist(sanity[1:3])), c(30046, 163921, 99946)))

# ------------------------------------------------------- frames and fits -----

# The rows of one specification: homicides at t on guards at t - lag.
frame_of <- function(outcome = "sesnsp", lag = 0L, coding = "log guards per 100k",
                     keep = states, drop = NULL) {
  d <- outcomes[[outcome]]
  d$x <- unname(codings[[coding]][paste(d$cve_ent, shift(d$month, -lag))])
  d <- d[!is.na(d$x) & d$cve_ent %in% setdiff(keep, drop), ]
  stopifnot(min(d$month) > UNREPORTED_UNTIL,
            nrow(d) == length(unique(d$cve_ent)) * length(unique(d$month)),
            # A state or month without a victim has no finite effect.
            tapply(d$y, d$cve_ent, sum) > 0, tapply(d$y, d$month, sum) > 0)
  d
}

# The columns of the effects, intercept included, of full rank.
effects_of <- function(d, effects) {
  state <- factor(d$cve_ent)
  when <- factor(d$month)
  if (effects == "month") return(model.matrix(~when))
  design <- model.matrix(~ state + when)
  if (effects == "state+month+trend") {
    # One trend is spanned by the month effects; it is left out rather than aliased.
    number <- month_number(d$month)
    time <- (number - mean(range(number))) / nlevels(when)
    design <- cbind(design, sapply(levels(state)[-1], function(s) time * (state == s)))
  }
  stopifnot(qr(design)$rank == ncol(design))
  design
}

# What the CRV1 factor counts: all columns but those of effects nested in the clusters.
# The intercept counts where there are no state effects to absorb it.
counted <- function(groups, periods, effects) {
  switch(effects,
         month = 1 + periods,
         `state+month` = 1 + (periods - 1),
         `state+month+trend` = 1 + (periods - 1) + (groups - 1))
}

# Newton's method until the coefficients stand still, so that what comes after is
# evaluated at the maximum and not beside it.
ppml <- function(y, design, offset, start = NULL) {
  if (is.null(start)) start <- qr.coef(qr(design), log(y + 0.5) - offset)
  beta <- start
  for (i in 1:100) {
    mu <- drop(exp(design %*% beta + offset))
    information <- crossprod(design, mu * design)
    step <- solve(information, crossprod(design, y - mu))
    beta <- beta + drop(step)
    if (max(abs(step)) < 1e-11) {
      mu <- drop(exp(design %*% beta + offset))
      return(list(coef = beta, mu = mu, bread = solve(crossprod(design, mu * design))))
    }
  }
  stop("the coefficients do not settle")
}

# The regressor is the last column everywhere.
crv1 <- function(d, design, residual, bread, estimate, k) {
  j <- ncol(design)
  n <- nrow(d)
  groups <- length(unique(d$cve_ent))
  score <- rowsum(residual * design, d$cve_ent)
  hc0 <- (bread %*% crossprod(score) %*% bread)[j, j]
  std_error <- sqrt(hc0 * groups / (groups - 1) * (n - 1) / (n - k))
  half <- qt(0.975, groups - 1) * std_error
  list(estimate = estimate, std_error = std_error, t_value = estimate / std_error,
       p_value = 2 * pt(-abs(estimate / std_error), groups - 1),
       conf_low = estimate - half, conf_high = estimate + half,
       n = n, states = groups, months = length(unique(d$month)), k = k,
       first = min(d$month), last = max(d$month))
}

k_of <- function(d, effects) {
  counted(length(unique(d$cve_ent)), length(unique(d$month)), effects)
}

ppml_row <- function(d, effects) {
  design <- cbind(effects_of(d, effects), x = d$x)
  fit <- ppml(d$y, design, log(d$person_years))
  crv1(d, design, d$y - fit$mu, fit$bread, fit$coef[[ncol(design)]], k_of(d, effects))
}

ols_row <- function(d, outcome, effects, k = k_of(d, effects)) {
  design <- cbind(effects_of(d, effects), x = d$x)
  q <- qr(design, LAPACK = FALSE)
  stopifnot(q$rank == ncol(design), identical(q$pivot, seq_len(ncol(design))))
  estimate <- qr.coef(q, outcome)[[ncol(design)]]
  crv1(d, design, qr.resid(q, outcome), chol2inv(qr.R(q)), estimate, k)
}

log_rate <- function(d) log((d$y + 0.5) / d$person_years)

specifications <- list(
  main = list(),
  inegi = list(outcome = "inegi"),
  lag_3 = list(lag = 3L),
  lead_3 = list(lag = -3L),
  negligent = list(outcome = "negligent"),
  trend = list(effects = "state+month+trend"),
  month = list(effects = "month"))
specifications <- lapply(specifications, function(s) {
  modifyList(list(outcome = "sesnsp", lag = 0L, effects = "state+month"), s)
})
frame_for <- function(s, ...) frame_of(s$outcome, s$lag, ...)
described <- function(id) c(list(id = id), specifications[[id]])

# The library's fit and models.json are the witnesses that ppml() and crv1() do what they say.
for (id in names(specifications)) {
  s <- specifications[[id]]
  d <- frame_for(s)
  design <- cbind(effects_of(d, s$effects), x = d$x)
  fit <- glm.fit(design, d$y, offset = log(d$person_years), family = poisson(),
                 control = glm.control(epsilon = 1e-14, maxit = 100))
  row <- ppml_row(d, s$effects)
  stopifnot(abs(fit$coefficients[["x"]] - row$estimate) < 1e-7)
  known <- Filter(function(r) {
    r$lag == s$lag && r$effects == s$effects && r$corrections == "on" && is.null(r$drop) &&
      (if (r$outcome == "negligent") "negligent" else r$source) == s$outcome
  }, read_json(file.path(dirname(script), "models.json"))$guard_elasticity)
  stopifnot(length(known) == 1, known[[1]]$n == row$n, known[[1]]$k == row$k)
  for (name in c("estimate", "std_error", "p_value")) {
    stopifnot(all.equal(known[[1]][[name]], row[[name]], tolerance = 1e-8))
  }
}
local({
  d <- frame_of()
  fit <- lm(log_rate(d) ~ cve_ent + month + x, data = d)
  stopifnot(all.equal(coef(fit)[["x"]], ols_row(d, log_rate(d), "state+month")$estimate,
                      tolerance = 1e-10))
})

# ------------------------------------------------------------------ crv3 -----

leave_one_out <- function(s) {
  vapply(states, function(left) ppml_row(frame_for(s, drop = left), s$effects)$estimate, 0)
}

crv3 <- lapply(names(specifications), function(id) {
  s <- specifications[[id]]
  full <- ppml_row(frame_for(s), s$effects)
  without <- leave_one_out(s)
  groups <- length(without)
  std_error <- sqrt((groups - 1) / groups * sum((without - full$estimate)^2))
  half <- qt(0.975, groups - 1) * std_error
  c(described(id), list(
    estimate = full$estimate, std_error = std_error, t_value = full$estimate / std_error,
    p_value = 2 * pt(-abs(full$estimate / std_error), groups - 1),
    conf_low = full$estimate - half, conf_high = full$estimate + half,
    crv1_std_error = full$std_error, n = full$n, states = groups,
    leave_one_out = as.list(without),
    leave_one_out_low = min(without), leave_one_out_high = max(without),
    state_of_low = names(without)[which.min(without)],
    state_of_high = names(without)[which.max(without)]))
})

# ------------------------------------------------------------ score tests ----

# The fit without the regressor (its coefficient held at `null`) and what takes the
# effects out of any regressor with that fit's weights.
null_fit <- function(d, effects, null = 0) {
  design <- effects_of(d, effects)
  mu <- ppml(d$y, design, log(d$person_years) + null * d$x)$mu
  q <- qr(sqrt(mu) * design)
  list(mu = mu, residual = d$y - mu, basis = qr.Q(q), state = d$cve_ent)
}

partial_out <- function(null, x) {
  z <- sqrt(null$mu) * x
  (z - null$basis %*% crossprod(null$basis, z)) / sqrt(null$mu)
}

# One column of cluster scores for each column of x.
cluster_scores <- function(null, x) {
  rowsum(partial_out(null, as.matrix(x)) * null$residual, null$state)
}
statistic_of <- function(scores) {
  scores <- as.matrix(scores)
  unname(colSums(scores) / sqrt(colSums(scores^2)))
}

score_problem <- function(d, effects) {
  null <- null_fit(d, effects)
  scores <- cluster_scores(null, d$x)
  # The effects' own scores are zero at their maximum, so partialling out moves no total.
  stopifnot(abs(sum(scores) - sum(d$x * null$residual)) < 1e-7 * sqrt(sum(scores^2)))
  list(d = d, null = null, scores = drop(scores), t_value = statistic_of(scores))
}

wild_statistics <- function(v, scores) {
  drop((v %*% scores) / sqrt(v^2 %*% scores^2))
}
webb <- function(draws, groups) {
  matrix(WEBB[sample.int(6L, draws * groups, replace = TRUE)], draws)
}

problems <- lapply(specifications, function(s) score_problem(frame_for(s), s$effects))
six <- score_problem(frame_of(keep = SIX), "state+month")
stopifnot(all(vapply(problems, function(p) identical(names(p$scores), states), NA)))

# The same weights serve all specifications; each p-value is fair, together they are not
# independent.
wild_counts <- local({
  set.seed(SEED)
  scores <- vapply(problems, `[[`, numeric(32), "scores")
  threshold <- abs(vapply(problems, `[[`, 0, "t_value")) - TIE
  chunk <- 50000L
  counts <- 0
  for (i in seq_len(WILD_DRAWS / chunk)) {
    v <- webb(chunk, 32L)
    reached <- abs((v %*% scores) / sqrt(v^2 %*% scores^2)) >= rep(threshold, each = chunk)
    counts <- counts + colSums(reached)
  }
  counts
})

# All b for which the test of b has p above 0.05, searched outwards from the estimate,
# where the score is zero and p is one.
wild_interval <- local({
  set.seed(SEED + 1L)
  v <- webb(INTERVAL_DRAWS, 32L)
  v2 <- v^2
  function(d, effects) {
    row <- ppml_row(d, effects)
    p_at <- function(b) {
      scores <- drop(cluster_scores(null_fit(d, effects, b), d$x))
      t_star <- drop((v %*% scores) / sqrt(v2 %*% scores^2))
      mean(abs(t_star) >= abs(statistic_of(scores)) - TIE)
    }
    end <- function(direction) {
      inside <- row$estimate
      outside <- inside
      for (i in 1:20) {
        outside <- outside + direction * row$std_error
        if (p_at(outside) <= 0.05) break
        inside <- outside
      }
      stopifnot(p_at(outside) <= 0.05)
      while (abs(outside - inside) > 1e-6) {
        middle <- (inside + outside) / 2
        if (p_at(middle) > 0.05) inside <- middle else outside <- middle
      }
      # How far the end moves when p is off by its own Monte Carlo error.
      reach <- 0.05 * row$std_error
      slope <- abs(p_at(inside - reach) - p_at(inside + reach)) / (2 * reach)
      c((inside + outside) / 2, sqrt(0.05 * 0.95 / INTERVAL_DRAWS) / slope)
    }
    low <- end(-1)
    high <- end(1)
    list(conf_low = low[1], conf_low_mc_error = low[2],
         conf_high = high[1], conf_high_mc_error = high[2], interval_draws = INTERVAL_DRAWS)
  }
})

score_wild <- lapply(names(specifications), function(id) {
  p <- unname(wild_counts[id]) / WILD_DRAWS
  problem <- problems[[id]]
  c(described(id), list(
    t_value = problem$t_value, p_value = p, p_mc_error = sqrt(p * (1 - p) / WILD_DRAWS),
    count = unname(wild_counts[id]), draws = WILD_DRAWS, scores = as.list(problem$scores)),
    wild_interval(problem$d, specifications[[id]]$effects))
})

# Six states have 6^6 vectors of weights: here p is a number, not an estimate.
six_wild <- local({
  vectors <- as.matrix(expand.grid(rep(list(WEBB), length(SIX))))
  t_star <- wild_statistics(vectors, six$scores)
  count <- sum(abs(t_star) >= abs(six$t_value) - TIE)
  # No statistic may lie so near the observed one that rounding decides.
  gap <- abs(abs(t_star) - abs(six$t_value))
  stopifnot(nrow(vectors) == 46656, !any(gap > 1e-13 & gap < 1e-9))
  list(vectors = nrow(vectors), count = count, ties = sum(gap <= 1e-13),
       p_value = count / nrow(vectors))
})

# ------------------------------------------------------------ permutation ----

# State g is given the trajectory of state permutation[g]; outcome, exposure stay.
permuted <- function(d, permutations) {
  groups <- length(unique(d$cve_ent))
  trajectories <- matrix(d$x, ncol = groups)
  stopifnot(identical(d$cve_ent, rep(sort(unique(d$cve_ent)), each = nrow(trajectories))))
  matrix(trajectories[, permutations], nrow(d))
}
one_step <- function(problem, permutations) {
  statistic_of(cluster_scores(problem$null, permuted(problem$d, permutations)))
}

permutations <- local({
  set.seed(SEED + 2L)
  replicate(PERMUTATION_DRAWS, sample.int(32L))
})
permutation <- lapply(names(specifications), function(id) {
  problem <- problems[[id]]
  stopifnot(abs(one_step(problem, cbind(1:32)) - problem$t_value) < 1e-9)
  chunks <- split(seq_len(PERMUTATION_DRAWS), (seq_len(PERMUTATION_DRAWS) - 1L) %/% 1000L)
  t_star <- unlist(lapply(chunks, function(i) one_step(problem, permutations[, i])))
  count <- sum(abs(t_star) >= abs(problem$t_value) - TIE)
  p <- count / PERMUTATION_DRAWS
  c(described(id), list(t_value = problem$t_value, p_value = p,
                        p_mc_error = sqrt(p * (1 - p) / PERMUTATION_DRAWS),
                        count = count, draws = PERMUTATION_DRAWS))
})

permutation_refit <- local({
  problem <- problems$main
  taken <- permutations[, seq_len(REFIT_DRAWS)]
  step <- one_step(problem, taken)
  refit <- vapply(seq_len(REFIT_DRAWS), function(i) {
    d <- problem$d
    d$x <- drop(permuted(d, taken[, i, drop = FALSE]))
    row <- ppml_row(d, "state+month")
    c(row$estimate, row$std_error, row$t_value)
  }, numeric(3))
  observed <- ppml_row(problem$d, "state+month")$t_value
  list(
    draws = REFIT_DRAWS, observed_one_step = problem$t_value, observed_refit = observed,
    rank_correlation = cor(abs(step), abs(refit[3, ]), method = "spearman"),
    correlation = cor(step, refit[3, ]),
    p_one_step = mean(abs(step) >= abs(problem$t_value) - TIE),
    p_refit = mean(abs(refit[3, ]) >= abs(observed) - TIE),
    shown = lapply(seq_len(SHOWN_REFITS), function(i) {
      list(from = states[taken[, i]], one_step = step[i], estimate = refit[1, i],
           std_error = refit[2, i], t_value = refit[3, i])
    }))
})

six_permutation <- local({
  all_orders <- function(v) {
    if (length(v) == 1) return(matrix(v))
    do.call(cbind, lapply(seq_along(v), function(i) rbind(v[i], all_orders(v[-i]))))
  }
  orders <- all_orders(1:6)
  t_star <- one_step(six, orders)
  gap <- abs(abs(t_star) - abs(six$t_value))
  stopifnot(ncol(orders) == 720, !anyDuplicated(t(orders)), !any(gap > 1e-11 & gap < 1e-8))
  # Rounding of the partialling-out is of this size; the gap to the next statistic is not.
  count <- sum(abs(t_star) >= abs(six$t_value) - 1e-11)
  list(permutations = ncol(orders), count = count, ties = sum(gap <= 1e-11),
       p_value = count / ncol(orders),
       statistics = lapply(c(1, 2, 7, 100, 360, 719, 720), function(i) {
         list(from = SIX[orders[, i]], t_value = t_star[i])
       }))
})

six_states <- list(states = SIX, crv1 = ppml_row(frame_of(keep = SIX), "state+month"),
                   t_value = six$t_value, scores = as.list(six$scores),
                   score_wild = six_wild, permutation = six_permutation)

# --------------------------------------------------------------- dynamics ----

variants <- list(
  main = list("sesnsp", "state+month"),
  control = list("negligent", "state+month"),
  trend = list("sesnsp", "state+month+trend"),
  inegi = list("inegi", "state+month"))
dynamics <- unlist(lapply(names(variants), function(variant) {
  lapply(-12:18, function(lag) {
    v <- variants[[variant]]
    c(list(variant = variant, outcome = v[[1]], effects = v[[2]], lag = lag),
      ppml_row(frame_of(v[[1]], lag), v[[2]]))
  })
}), recursive = FALSE)

# Guards of month t on the homicides of k months before.
reverse <- unlist(lapply(c("sesnsp", "inegi"), function(source) {
  lapply(1:18, function(behind) {
    past <- outcomes[[source]]
    past <- setNames(log_rate(past), paste(past$cve_ent, past$month))
    d <- frame_of()
    guarded <- d$x
    d$x <- unname(past[paste(d$cve_ent, shift(d$month, -behind))])
    stopifnot(!anyNA(d$x), nrow(d) == 800, min(shift(d$month, -behind)) > UNREPORTED_UNTIL)
    # Regressor, intercept, months but one.
    k <- 1 + 1 + (25 - 1)
    row <- ols_row(d, guarded, "state+month", k)
    c(list(source = source, behind = behind), row)
  })
}), recursive = FALSE)

# -------------------------------------------------------------- multiverse ---

multiverse <- list()
for (outcome in c("sesnsp", "inegi", "sesnsp+femicides")) for (coding in names(codings))
  for (lag in c(0L, 6L)) for (effects in c("month", "state+month", "state+month+trend"))
    for (sample in c("all", "without 09")) for (model in c("ppml", "ols")) {
      d <- frame_of(outcome, lag, coding, drop = if (sample == "all") NULL else "09")
      row <- if (model == "ppml") ppml_row(d, effects) else ols_row(d, log_rate(d), effects)
      # A change of one guard per 100k becomes a change of one per cent at the mean.
      scale <- if (coding == "guards per 100k") mean(d$x) else 1
      multiverse <- c(multiverse, list(list(
        outcome = outcome, coding = coding, lag = lag, effects = effects, sample = sample,
        model = model, estimate = row$estimate * scale, std_error = row$std_error * scale,
        t_value = row$t_value, p_value = row$p_value, scale = scale,
        n = row$n, states = row$states, k = row$k)))
    }
stopifnot(length(multiverse) == 216)

# ----------------------------------------------------------------- output ----

result <- list(
  meta = list(r = paste(R.version$major, R.version$minor, sep = "."),
              packages = list(jsonlite = as.character(packageVersion("jsonlite"))),
              seed = SEED),
  sanity = sanity,
  crv3 = crv3,
  score_wild = score_wild,
  permutation = permutation,
  permutation_refit = permutation_refit,
  six_states = six_states,
  dynamics = dynamics,
  reverse = reverse,
  multiverse = multiverse)
writeLines(toJSON(result, auto_unbox = TRUE, digits = NA, na = "null", null = "null",
                  pretty = TRUE), out)
message("written")
